package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.leak.LeakVerdict;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.OptimisationRefused;
import io.penstock.memory.optimise.Optimiser;
import io.penstock.memory.optimise.Request;
import io.penstock.memory.probe.Outside;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The governor by itself: no queue and no Redis. */
final class MemoryGovernorTest {
    private final Threads threads = new Threads(16);
    private final Timer timer = new Timer(Clock.system(), threads);

    @AfterEach
    void close() {
        timer.close();
        threads.close();
    }

    private MemoryGovernor governor(MemoryPolicy policy) {
        return new MemoryGovernor(policy, LoadLineConfig.DEFAULT, Outside.NONE, timer, threads);
    }

    @Test
    void tellsWhatItKnowsAsSoonAsItIsStarted() {
        try (MemoryGovernor governor = governor(MemoryPolicy.DEFAULT)) {
            governor.start();
            MemoryStatus status = governor.status();
            assertThat(status.sample().heapUsedBytes()).isPositive();
            assertThat(status.sample().heapMaxBytes())
                    .isEqualTo(Runtime.getRuntime().maxMemory());
            assertThat(status.leak().verdict()).isEqualTo(LeakVerdict.NONE);
            assertThat(status.admission().lineBytes()).isPositive();
            assertThat(status.monitor().retainedBytes()).isBetween(1L, 1L << 20);
        }
    }

    @Test
    void leavesNoTaskAndNoThreadBehind() {
        int before = timer.stats().size();
        MemoryGovernor governor = governor(MemoryPolicy.DEFAULT);
        governor.start();
        assertThat(timer.stats().size()).isGreaterThan(before);
        governor.close();
        assertThat(timer.stats()).hasSize(before);
    }

    @Test
    void optimisesOnDemandAndTellsListeners() throws Exception {
        List<MemoryEvent> heard = new CopyOnWriteArrayList<>();
        try (MemoryGovernor governor = governor(MemoryPolicy.DEFAULT)) {
            governor.start();
            governor.monitor().onEvent(heard::add);
            Optimisation report = governor.optimiser()
                    .optimise(Request.manual("standard", "a test"))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            assertThat(report.strategy()).isEqualTo("standard");
            assertThat(governor.optimisations(10)).contains(report);
        }
        assertThat(heard)
                .extracting(MemoryEvent::kind)
                .containsAnyOf(MemoryEvent.Kind.OPTIMISATION_COMPLETED, MemoryEvent.Kind.OPTIMISATION_FAILED);
    }

    @Test
    void onlyTheFirstOfAProcessOptimises() {
        try (MemoryGovernor first = governor(MemoryPolicy.DEFAULT);
                MemoryGovernor second = governor(MemoryPolicy.DEFAULT)) {
            first.start();
            second.start();
            assertThat(first.optimises()).isTrue();
            assertThat(second.optimises()).isFalse();
            assertThatThrownBy(() -> second.optimiser()
                            .optimise(Request.manual("standard", "a test"))
                            .toCompletableFuture()
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(OptimisationRefused.class);
        }
    }

    @Test
    void anotherTakesOverWhenTheOneThatOptimisesIsClosed() throws Exception {
        MemoryGovernor first = governor(MemoryPolicy.DEFAULT);
        first.start();
        try (MemoryGovernor second = governor(MemoryPolicy.DEFAULT);
                MemoryGovernor third = governor(MemoryPolicy.DEFAULT)) {
            second.start();
            third.start();
            second.look();
            assertThat(second.optimises()).as("while the first goes on").isFalse();

            first.close();
            second.look();
            third.look();

            assertThat(first.optimises()).isFalse();
            assertThat(second.optimises()).isTrue();
            assertThat(third.optimises()).as("one a process").isFalse();
            assertThat(second.optimiser()
                            .optimise(Request.manual("standard", "a test"))
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .strategy())
                    .isEqualTo("standard");
            assertThat(second.optimiser().steps()).contains("drop-snapshots");
        }
        assertThat(Optimiser.taken()).as("and gives it back").isFalse();
    }

    @Test
    void whoIsClosedNeverTakesOver() {
        MemoryGovernor first = governor(MemoryPolicy.DEFAULT);
        first.start();
        MemoryGovernor second = governor(MemoryPolicy.DEFAULT);
        second.start();
        second.close();
        first.close();

        second.look();

        assertThat(second.optimises()).isFalse();
        assertThat(Optimiser.taken()).isFalse();
    }

    @Test
    void putsAPolicyInForceAtOnceAndRefusesABadOneWhole() {
        try (MemoryGovernor governor = governor(MemoryPolicy.DEFAULT)) {
            governor.start();
            governor.policy(new MemoryPolicy(true, false, 75, 1_000, 64, 0));
            assertThat(governor.monitor().config().threshold()).isEqualTo(75);
            assertThat(governor.optimiser().policy().autoOptimization()).isFalse();
            assertThatThrownBy(() -> new MemoryPolicy(true, true, 19, 30_000, 0, 0))
                    .hasMessageContaining("threshold 19 is outside 20 to 95");
            assertThatThrownBy(() -> new MemoryPolicy(true, true, 80, 99, 0, 0))
                    .hasMessageContaining("intervalMs 99 is outside 100 to 3600000");
            assertThat(governor.policy().threshold()).isEqualTo(75);
            governor.policy(governor.policy().off());
            assertThat(governor.status().sample().mode()).isEqualTo(MonitorMode.OFF);
        }
    }

    @Test
    void keepsLevelsOfItsOwnWhenThePolicyChanges() {
        try (MemoryGovernor governor = governor(MemoryPolicy.DEFAULT)) {
            governor.start();
            governor.policy(new MemoryPolicy(true, true, 94, 1_000, 0, 0));
            governor.policy(MemoryPolicy.DEFAULT);
            assertThat(governor.monitor().config()).isEqualTo(MemoryConfig.DEFAULT);

            governor.monitor().configure(governor.monitor().config().withLevels(50, 85, 97));
            governor.policy(new MemoryPolicy(true, true, 84, 1_000, 0, 0));
            assertThat(governor.monitor().config().watch()).isEqualTo(50);
            assertThat(governor.monitor().config().critical()).isEqualTo(85);
            governor.policy(new MemoryPolicy(true, true, 90, 1_000, 0, 0));
            assertThat(governor.monitor().config().critical()).isEqualTo(91);
            assertThat(governor.monitor().config().emergency()).isEqualTo(97);
        }
    }
}
