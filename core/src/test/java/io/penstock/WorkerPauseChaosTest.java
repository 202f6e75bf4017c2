package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.queue.Queue;
import io.penstock.testing.Journal;
import io.penstock.testing.Ledger;
import io.penstock.testing.WorkerMain;
import io.penstock.testing.WorkerMain.Step;
import io.penstock.testing.WorkerProcess;
import io.penstock.worker.WorkerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Worker processes are stopped past their lease and woken again: what they then report is refused. */
@ExtendWith(EmbeddedRedisExtension.class)
@EnabledOnOs({OS.LINUX, OS.MAC})
@SuppressWarnings("try") // closed early, or held open for the length of the test
class WorkerPauseChaosTest {
    private static final int PAUSES = 10;
    private static final int JOBS = 4;
    private static final long LEASE_MILLIS = 1_000;

    @Test
    void theLateFinishOfAPausedWorkerIsRefused(EmbeddedRedis server, @TempDir Path directory) throws Exception {
        Ledger ledger = new Ledger();
        WorkerProcess.Launch launch = WorkerProcess.Launch.prepare(directory);
        try (Penstock penstock = Penstock.connect(PenstockConfig.of(server.uri())
                        .worker(WorkerConfig.named("none").leaseLength(Duration.ofMillis(LEASE_MILLIS))));
                WorkerProcess one = launch.start("one", server.uri(), "paused", JOBS, LEASE_MILLIS);
                WorkerProcess two = launch.start("two", server.uri(), "paused", JOBS, LEASE_MILLIS)) {
            Queue queue = ChaosQueues.keepingAll(penstock, "paused");
            await().until(() -> queue.workers().size() == 2);
            int refused = 0;
            for (int pause = 0; pause < PAUSES; pause++) {
                int first = pause * JOBS;
                for (int n = first; n < first + JOBS; n++) {
                    ledger.attempted(n);
                    ledger.answered(
                            n, queue.enqueue(WorkerMain.type(queue.name()).spec(new Step(n, 250, false, true))));
                }
                WorkerProcess victim = holder(one, two);
                victim.signal("STOP");
                Set<String> held = Journal.open(victim.journal()).keySet();
                long before = refusals(victim);
                await().pollInterval(Duration.ofMillis(20))
                        .until(() -> queue.counts().pending() == 0);
                victim.signal("CONT");
                await().pollInterval(Duration.ofMillis(20))
                        .untilAsserted(() -> assertThat(refusals(victim))
                                .as("held %s, journal %s, log %s", held, victim.journal(), victim.log())
                                .isGreaterThanOrEqualTo(before + held.size()));
                refused += held.size();
                await().pollInterval(Duration.ofMillis(20))
                        .until(() -> queue.workers().size() == 2);
            }
            one.close();
            two.close();
            ledger.ran(one.journal());
            ledger.ran(two.journal());
            ledger.ended(queue);
            Ledger.Balance balance = ledger.balance();
            System.out.printf("chaos worker-pause pauses=%d lateFinishesRefused=%d: %s%n", PAUSES, refused, balance);
            assertThat(refused).isGreaterThanOrEqualTo(PAUSES);
            assertThat(balance.holds()).as("%s", balance).isTrue();
            assertThat(balance.ok()).isEqualTo(PAUSES * JOBS);
            assertThat(queue.stats().completedTotal()).isEqualTo(PAUSES * JOBS);
            for (WorkerProcess worker : List.of(one, two)) {
                if (refusals(worker) > 0) {
                    assertThat(worker.log()).contains("was lost: its jobs are interrupted and run elsewhere");
                    assertThat(worker.log()).contains("was refused").contains("is no longer valid");
                }
            }
        }
    }

    /** Whichever of them runs a job now. */
    private static WorkerProcess holder(WorkerProcess one, WorkerProcess two) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !Journal.open(one.journal()).isEmpty()
                        || !Journal.open(two.journal()).isEmpty());
        return Journal.open(one.journal()).isEmpty() ? two : one;
    }

    private static long refusals(WorkerProcess worker) {
        return worker.journal().stream().filter(line -> line.what() == 'R').count();
    }
}
