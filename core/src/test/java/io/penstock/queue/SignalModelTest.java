package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.QueueReplies.Waited;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Signals among everything else that can happen to a job, at random, against what they are to mean. */
@ExtendWith(EmbeddedRedisExtension.class)
class SignalModelTest {
    private static final int SEEDS = 12;
    private static final int STEPS = 400;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final List<String> NAMES = List.of("a", "b", "a-b");

    /** What is known of a job. */
    private static final class Known {
        final JobId id;
        final Map<String, Integer> told = new HashMap<>();

        @Nullable
        String waitsFor; // and stands in delayed for nothing else

        @Nullable
        LeasedJob held;

        Known(JobId id) {
            this.id = id;
        }
    }

    private final List<Known> jobs = new ArrayList<>();

    @Test
    void noJobWaitsForWhatItWasToldAndEachIsToldWhatWasSent(EmbeddedRedis server) {
        long first = new Random().nextLong();
        try (QueueRig rig = new QueueRig(server)) {
            for (long seed = first; seed < first + SEEDS; seed++) {
                rig.renew();
                jobs.clear();
                try {
                    new Walk(rig, new Random(seed)).run();
                } catch (AssertionError | RuntimeException failed) {
                    throw new AssertionError("seed " + seed, failed);
                }
            }
        }
    }

    private final class Walk {
        private final QueueRig rig;
        private final Random random;
        private Lease lease;

        Walk(QueueRig rig, Random random) {
            this.rig = rig;
            this.random = random;
            this.lease = rig.join();
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(10)) {
                    case 0 -> jobs.add(new Known(rig.add(o -> random.nextInt(4) == 0 ? o.in(HOUR) : o)));
                    case 1, 2 -> take();
                    case 3, 4, 5 -> finish();
                    case 6, 7 -> signal();
                    case 8 -> operate();
                    default -> {
                        if (random.nextInt(8) == 0) {
                            die();
                        }
                    }
                }
                check();
            }
            rig.assertSound();
        }

        private @Nullable Known any(boolean held) {
            List<Known> fit =
                    jobs.stream().filter(job -> !held || job.held != null).toList();
            return fit.isEmpty() ? null : fit.get(random.nextInt(fit.size()));
        }

        private String name() {
            return NAMES.get(random.nextInt(NAMES.size()));
        }

        private void take() {
            for (LeasedJob leased : rig.take(lease, 1 + random.nextInt(3))) {
                for (Known job : jobs) {
                    if (job.id.equals(leased.id())) {
                        job.held = leased;
                        job.waitsFor = null;
                    }
                }
            }
        }

        /** Looks at a signal, as every run here does, lets one come or not, and ends in one way or another. */
        private void finish() {
            Known job = any(true);
            if (job == null) {
                return;
            }
            LeasedJob held = java.util.Objects.requireNonNull(job.held);
            String name = name();
            Waited found = rig.await(rig.store.awaitSignal(held, name, HOUR));
            Integer told = job.told.get(name);
            assertThat(found.value())
                    .isEqualTo(told == null ? null : told.toString().getBytes(UTF_8));
            if (random.nextBoolean()) {
                signal(job, random.nextBoolean() ? name : name());
            }
            job.held = null;
            long now = rig.clock.millis();
            switch (random.nextInt(5)) {
                case 0 -> rig.finish(lease, rig.completed(held));
                case 1 ->
                    rig.finish(lease, Ending.snoozed(held, now, now, random.nextBoolean() ? HOUR : Duration.ZERO));
                case 2 ->
                    rig.finish(lease, Ending.retried(held, now, now, HOUR, new JobError("boom", "it broke", null)));
                case 3 -> rig.finish(lease, Ending.released(held));
                default -> {
                    if (told != null) {
                        rig.finish(lease, rig.failed(held));
                    } else {
                        rig.finish(lease, new Ending(held, Ending.Kind.SNOOZED, now, now, HOUR, null, null, name));
                        boolean came = job.told.containsKey(name);
                        job.waitsFor = came ? null : name;
                        assertThat(rig.job(job.id).state()).isEqualTo(came ? JobState.WAITING : JobState.DELAYED);
                    }
                }
            }
        }

        private void signal() {
            Known job = any(false);
            if (job != null) {
                signal(job, name());
            }
        }

        private void signal(Known job, String name) {
            JobState before = rig.job(job.id).state();
            // a run that holds the job and has gathered nothing must look first, or its end may not see what came
            int value = random.nextInt(3);
            Change change = rig.queue.signal(job.id, name, value);
            Integer had = job.told.get(name);
            boolean taken = !before.terminal() && (had == null || had == value);
            assertThat(change.ok()).isEqualTo(taken);
            if (taken) {
                job.told.put(name, value);
                boolean wakes = before == JobState.DELAYED && name.equals(job.waitsFor);
                assertThat(change.state()).isEqualTo(wakes ? JobState.WAITING : before);
                job.waitsFor = wakes ? null : job.waitsFor;
            }
            if (job.held != null) {
                rig.await(rig.store.awaitSignal(job.held, "looked", HOUR));
            }
        }

        private void operate() {
            Known job = any(false);
            if (job == null) {
                return;
            }
            switch (random.nextInt(3)) {
                case 0 -> rig.queue.promote(job.id);
                case 1 -> rig.queue.retry(job.id);
                default -> {
                    if (job.held == null) {
                        rig.queue.cancel(job.id);
                    }
                }
            }
            if (rig.job(job.id).state() != JobState.DELAYED) {
                job.waitsFor = null;
            }
        }

        private void die() {
            rig.expire(lease);
            rig.reclaimAll();
            jobs.forEach(job -> job.held = null);
            lease = rig.join();
        }

        private void check() {
            for (Known job : jobs) {
                Job seen = rig.job(job.id);
                if (seen.state() == JobState.DELAYED && job.waitsFor != null) {
                    assertThat(job.told).doesNotContainKey(job.waitsFor);
                }
            }
        }
    }
}
