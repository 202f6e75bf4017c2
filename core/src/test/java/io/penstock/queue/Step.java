package io.penstock.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One operation of a random history; its numbers are read against whatever the queue holds when it runs. */
record Step(Kind kind, int a, int b, int c) {
    enum Kind {
        ENQUEUE(30),
        BATCH(5),
        JOIN(4),
        TAKE(26),
        FINISH(30),
        FINISH_TWICE(5),
        EXTEND(3),
        LEAVE(2),
        EXPIRE(3),
        RECLAIM(4),
        MARK(4),
        NOTE(5),
        MAKE_DUE(6),
        PROMOTE_DUE(6),
        CANCEL(7),
        PROMOTE(4),
        RETRY(5),
        REMOVE(3),
        EDIT(8),
        PURGE(1),
        PRUNE(2),
        RETRY_ALL(1),
        CONFIGURE(2),
        PAUSE(1),
        RESUME(3),
        DRAIN(1),
        FREE_THROTTLE(2),
        PASS_TIME(2),
        LIST(3),
        LOOK(4);

        final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    private static final int RANGE = 1 << 12;
    private static final int WEIGHTS =
            List.of(Kind.values()).stream().mapToInt(kind -> kind.weight).sum();

    static List<Step> random(long seed, int count) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(new Step(kind(random), random.nextInt(RANGE), random.nextInt(RANGE), random.nextInt(RANGE)));
        }
        return steps;
    }

    private static Kind kind(Random random) {
        int at = random.nextInt(WEIGHTS);
        for (Kind kind : Kind.values()) {
            at -= kind.weight;
            if (at < 0) {
                return kind;
            }
        }
        throw new AssertionError("weights");
    }
}
