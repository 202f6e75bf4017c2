package io.penstock.server.live;

import io.penstock.server.engine.Engine;
import io.penstock.server.engine.Engine.QueueView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * All queues as they stood when they were last looked at.
 *
 * <p>Cost: at most {@value #MOST_LOOKS} of them are asked for at a time, in one go; with more queues than that each is some
 * looks old. Threads: one at a time.
 */
final class QueueBoard {
    /** 250 looks are 3 ms of Redis. */
    static final int MOST_LOOKS = 250;

    /** A Redis that hangs must not keep those who look from being told so. */
    private static final long MOST_NANOS = Duration.ofSeconds(1).toNanos();

    private final Engine engine;
    private final Map<String, QueueView> views = new TreeMap<>();
    private final Map<String, QueueView> changed = new TreeMap<>();
    private final TreeSet<String> gone = new TreeSet<>();
    private String last = "";

    QueueBoard(Engine engine) {
        this.engine = engine;
    }

    /**
     * Looks again; what Redis does not tell stays as it was.
     *
     * @return false = it did not answer in time, and nothing new is known
     */
    boolean refresh() {
        changed.clear();
        gone.clear();
        try {
            look(engine.clock().nanos() + MOST_NANOS);
            return true;
        } catch (TimeoutException | ExecutionException away) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void look(long deadline) throws TimeoutException, ExecutionException, InterruptedException {
        List<String> names =
                within(deadline, engine.queuesAsync()).stream().sorted().toList();
        gone.addAll(views.keySet());
        names.forEach(gone::remove);
        gone.forEach(views::remove);
        Map<String, CompletionStage<QueueView>> looks = new LinkedHashMap<>();
        for (String name : turn(names)) {
            looks.put(name, engine.queueAsync(name));
        }
        for (Map.Entry<String, CompletionStage<QueueView>> look : looks.entrySet()) {
            QueueView view = within(deadline, look.getValue());
            if (!view.equals(views.put(look.getKey(), view))) {
                changed.put(look.getKey(), view);
            }
        }
    }

    /** Looks at one queue, which need not be on the board. */
    @Nullable
    QueueView one(String name) {
        try {
            return within(engine.clock().nanos() + MOST_NANOS, engine.queueAsync(name));
        } catch (TimeoutException | ExecutionException away) {
            return null;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private <T> T within(long deadline, CompletionStage<T> stage)
            throws TimeoutException, ExecutionException, InterruptedException {
        return stage.toCompletableFuture().get(deadline - engine.clock().nanos(), TimeUnit.NANOSECONDS);
    }

    private List<String> turn(List<String> names) {
        if (names.size() <= MOST_LOOKS) {
            return names;
        }
        List<String> turn = new ArrayList<>(MOST_LOOKS);
        for (String name : names) {
            if (turn.size() < MOST_LOOKS && name.compareTo(last) > 0) {
                turn.add(name);
            }
        }
        for (String name : names) {
            if (turn.size() < MOST_LOOKS && name.compareTo(last) <= 0) {
                turn.add(name);
            }
        }
        last = turn.get(turn.size() - 1);
        return turn;
    }

    boolean knows(String name) {
        return views.containsKey(name);
    }

    Collection<QueueView> all() {
        return views.values();
    }

    /** Returns what the last look found changed. */
    Collection<QueueView> changed() {
        return changed.values();
    }

    /** Returns the names that the last look no longer found. */
    Collection<String> gone() {
        return gone;
    }
}
