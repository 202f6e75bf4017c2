package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.runtime.Clock;
import io.penstock.schedule.CleanupReport;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Watching may go by a clock of its own; jobs do not. */
class PenstockClockTest {
    private static final JobType<Integer> LONG =
            JobType.of("long", Integer.class).queue("long").timeout(Duration.ofHours(1));

    /** The machine's, until it is put forward. */
    private static final class Ahead implements Clock {
        private final AtomicLong nanos = new AtomicLong();

        void by(Duration more) {
            nanos.addAndGet(more.toNanos());
        }

        @Override
        public long nanos() {
            return Clock.system().nanos() + nanos.get();
        }

        @Override
        public long millis() {
            return Clock.system().millis() + nanos.get() / 1_000_000;
        }

        @Override
        public long waitNanos(long wait) {
            return Math.min(wait, 1_000_000); // so that whoever waits sees soon that it was put forward
        }
    }

    @Test
    void aDayOfItsClockBringsTheDailyCleanUpAndEndsNoJobsTime() throws Exception {
        Ahead clock = new Ahead();
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock =
                        Penstock.connect(PenstockConfig.of(server.uri()).clock(clock))) {
            penstock.handle(LONG, (number, context) -> {
                runs.countDown();
                release.await();
            });
            penstock.start();
            Enqueued.Accepted one = (Enqueued.Accepted) penstock.enqueue(LONG, 1);
            runs.await();
            int threads = penstock.threads().alive();

            clock.by(Duration.ofDays(1));

            await().until(() -> !penstock.cleanup().reports().isEmpty());
            assertThat(penstock.cleanup().reports())
                    .extracting(CleanupReport::reason)
                    .contains("daily");
            assertThat(penstock.timer().clock()).isSameAs(Clock.system());
            assertThat(threads).isGreaterThan(4); // two timers, each with its guard
            release.countDown();
            await().until(() -> penstock.job(one.id()).map(Job::state).orElse(null) == JobState.COMPLETED);
            assertThat(penstock.job(one.id()).orElseThrow().attempt()).isEqualTo(1);
        }
    }
}
