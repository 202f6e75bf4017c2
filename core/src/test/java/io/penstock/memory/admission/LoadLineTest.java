package io.penstock.memory.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.memory.admission.LoadLineConfig.Mode;
import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadLineTest {
    private static final long MIB = 1 << 20;
    private static final long HEAP = 1_000 * MIB;
    private static final LoadLineConfig AT_THREE_QUARTERS = LoadLineConfig.DEFAULT.line(0.75);

    private final ManualClock clock = new ManualClock();
    private final AtomicInteger told = new AtomicInteger();

    private LoadLine line(LoadLineConfig config) {
        LoadLine line = new LoadLine(config, new HeapFacts(HEAP, MIB, false), clock);
        // past the slow start, with nothing else in the heap
        started(line);
        for (int i = 0; i < 20; i++) {
            line.collected(left(0));
        }
        return line;
    }

    /** Enough runs have ended for the slow start to be over. */
    private static void started(LoadLine line) {
        Permit run = line.permit(new Permit.Request("w", 1, 0, null), () -> {});
        for (int i = 0; i < 30; i++) {
            line.ended(run, 1, null);
        }
    }

    private LoadLine line() {
        return line(AT_THREE_QUARTERS);
    }

    private static GcEvent left(long bytes) {
        return new GcEvent("G1 Young Generation", "", false, false, HEAP, bytes, 1, 1);
    }

    private Permit declared(LoadLine line, long bytes) {
        return declared(line, bytes, null);
    }

    private Permit declared(LoadLine line, long bytes, String group) {
        return line.permit(new Permit.Request("t", 100, bytes, group), told::incrementAndGet);
    }

    private Permit undeclared(LoadLine line, long record) {
        return line.permit(new Permit.Request("u", record, 0, null), told::incrementAndGet);
    }

    @Test
    void admitsWhatFitsAndLetsTheRestWait() {
        LoadLine line = line();

        assertThat(declared(line, 300 * MIB).enter()).isTrue();
        assertThat(declared(line, 300 * MIB).enter()).isTrue();
        assertThat(declared(line, 300 * MIB).enter()).isFalse();
        assertThat(line.stats().runningBytes()).isEqualTo(600 * MIB);
        assertThat(line.stats().waiting()).isEqualTo(1);
    }

    @Test
    void anIdleProcessAlwaysAdmitsOneHoweverLarge() {
        LoadLine line = line();

        assertThat(declared(line, 990 * MIB).enter()).isTrue();
        assertThat(declared(line, 1).enter()).isFalse();
    }

    @Test
    void whoeverWaitsIsToldWhenThereIsRoom() {
        LoadLine line = line();
        Permit first = declared(line, 600 * MIB);
        Permit second = declared(line, 300 * MIB);
        first.enter();
        second.enter();

        first.leave();

        assertThat(told).hasValue(1);
        assertThat(second.held()).isTrue();
    }

    @Test
    void aLargeJobIsNotStarvedBySmallOnes() {
        LoadLine line = line();
        List<Permit> small = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            small.add(declared(line, 100 * MIB));
            assertThat(small.get(i).enter()).isTrue();
        }
        Permit large = declared(line, 600 * MIB);
        assertThat(large.enter()).isFalse();

        for (Permit each : small) {
            assertThat(declared(line, 10 * MIB).enter())
                    .as("none goes before it")
                    .isFalse();
            each.leave();
        }

        assertThat(large.held()).isTrue();
    }

    @Test
    void shortJobsDoNotStandBehindALongOneForOldGarbage() {
        LoadLine line = new LoadLine(AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), clock);
        for (int i = 0; i < 300; i++) {
            line.collected(left(740 * MIB)); // young ones: nobody knows how much of it is garbage
        }
        assertThat(declared(line, 20 * MIB).enter())
                .as("an idle process admits one")
                .isTrue();
        Permit second = declared(line, 20 * MIB);
        Permit third = declared(line, 20 * MIB);
        assertThat(second.enter()).isFalse();
        assertThat(third.enter()).isFalse();

        line.look();
        assertThat(second.held()).as("not before a second").isFalse();
        clock.advance(Duration.ofMillis(1_001));
        line.look();
        assertThat(second.held()).isTrue();
        assertThat(third.held()).as("one a look").isFalse();
        line.look();
        assertThat(third.held()).isTrue();
        assertThat(told).hasValue(2);
    }

    @Test
    void nobodyIsLetInBehindALongOneWhenTheHeapCouldNotHoldIt() {
        LoadLine line = new LoadLine(AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), clock);
        for (int i = 0; i < 300; i++) {
            line.collected(left(880 * MIB));
        }
        declared(line, 20 * MIB).enter();
        Permit second = declared(line, 20 * MIB);
        second.enter();

        clock.advance(Duration.ofSeconds(5));
        line.look();

        assertThat(second.held()).isFalse();
    }

    @Test
    void leavingTwiceGivesBackOnce() {
        LoadLine line = line();
        Permit permit = declared(line, 100 * MIB);
        permit.enter();

        permit.leave();
        permit.leave();

        assertThat(line.stats().runningBytes()).isZero();
        assertThat(line.stats().running()).isZero();
    }

    @Test
    void whoWithdrawsMakesWayForTheNext() {
        LoadLine line = line();
        declared(line, 400 * MIB).enter();
        Permit large = declared(line, 500 * MIB);
        Permit small = declared(line, 10 * MIB);
        large.enter();
        small.enter();

        assertThat(large.withdraw()).isTrue();

        assertThat(small.held()).isTrue();
        assertThat(small.withdraw()).isFalse();
    }

    @Test
    void aGroupOverItsBudgetWaitsAndOthersGoBy() {
        LoadLine line = line(AT_THREE_QUARTERS.groupBytes(100 * MIB));
        Permit first = declared(line, 80 * MIB, "a");
        Permit second = declared(line, 80 * MIB, "a");

        assertThat(first.enter()).isTrue();
        assertThat(second.enter()).isFalse();
        assertThat(second.waitsForGroup()).isTrue();
        assertThat(declared(line, 80 * MIB, "b").enter()).isTrue();

        first.leave();
        assertThat(second.held()).isTrue();
    }

    @Test
    void oneJobOfAGroupRunsHoweverLarge() {
        LoadLine line = line(AT_THREE_QUARTERS.groupBytes(MIB));
        declared(line, MIB, "b").enter();

        assertThat(declared(line, 80 * MIB, "a").enter()).isTrue();
    }

    @Test
    void learnsWhatATypeAllocates() {
        LoadLine line = line();
        for (int i = 0; i < 70; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            line.ended(permit, 50 * MIB, null);
            permit.leave();
        }

        int running = 0;
        while (undeclared(line, 1_000).enter()) {
            running++;
        }

        assertThat(running).isBetween(11, 15); // 750 MiB less a sixteenth for records in hand
        assertThat(line.stats().types().get(0).allocatedBytes()).isEqualTo(50 * MIB);
    }

    @Test
    void followsThePayloadWhereTheNeedDoes() {
        LoadLine line = line();
        for (int i = 1; i <= 70; i++) {
            Permit permit = undeclared(line, i * 10_000L);
            permit.enter();
            line.ended(permit, i * 100_000L, null);
            permit.leave();
        }
        Permit small = undeclared(line, 10_000);
        Permit large = undeclared(line, 10_000_000);
        small.enter();
        large.enter();

        assertThat(small.cost).isBetween(100_000L, 130_000L);
        assertThat(large.cost).isBetween(100_000_000L, 130_000_000L);
    }

    @Test
    void aTypeThatHasChangedIsPricedByItsLatestRuns() {
        LoadLine line = line();
        for (int i = 0; i < 90; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            line.ended(permit, (i < 70 ? 20 : 60) * MIB, null);
            permit.leave();
        }

        int running = 0;
        while (undeclared(line, 1_000).enter()) {
            running++;
        }

        assertThat(running)
                .as("690 MiB hold 11 of 60, and 22 of the mean of all")
                .isLessThan(13);
    }

    @Test
    void oneRunBeyondAllBeforeMakesItsTypeDear() {
        LoadLine line = line();
        for (int i = 0; i < 70; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            line.ended(permit, (i < 69 ? 2 : 60) * MIB, null);
            permit.leave();
        }
        Permit next = undeclared(line, 1_000);
        next.enter();

        assertThat(next.cost).as("of 64 runs only one was like that").isGreaterThan(55 * MIB);
    }

    @Test
    void anUnknownTypeBeginsWithFewAtOnce() {
        LoadLine line = line();
        int running = 0;
        Permit first = undeclared(line, 100);
        Permit each = first;
        while (each.enter()) {
            running++;
            each = undeclared(line, 100);
        }
        assertThat(running).isLessThan(15);

        for (int looks = 0; looks < 45; looks++) {
            line.look();
        }
        assertThat(undeclared(line, 100).enter())
                .as("time proves nothing of jobs that have not begun")
                .isFalse();

        first.begin();
        for (int looks = 0; looks < 45; looks++) {
            line.look();
        }
        while (running < 1_000 && undeclared(line, 100).enter()) {
            running++;
        }

        assertThat(running).as("watched for a while and harmless").isEqualTo(1_000);
    }

    @Test
    void anOutOfMemoryErrorHalvesWhatIsUsedAndCollectionsGiveItBack() {
        LoadLine line = line();
        Permit permit = declared(line, MIB);
        permit.enter();

        permit.end(new IllegalStateException(new OutOfMemoryError("planned by the test")));
        permit.leave();

        assertThat(line.stats().throttle()).isEqualTo(0.5);
        assertThat(line.stats().outOfMemory()).isEqualTo(1);
        for (int i = 0; i < 60; i++) {
            line.collected(left(0));
        }
        assertThat(line.stats().throttle()).isEqualTo(1);
    }

    @Test
    void drawsBackWhenACollectionLeavesTooMuch() {
        LoadLine line = line();

        line.collected(new GcEvent("G1 Old Generation", "", true, false, HEAP, 950 * MIB, 1, 1));

        assertThat(line.stats().throttle()).isLessThan(1);
    }

    @Test
    void recordsInHandAreASmallPartOfTheLine() {
        LoadLine line = line();

        long granted = line.admit(HEAP);

        assertThat(granted).isBetween(30 * MIB, 60 * MIB);
        assertThat(line.admit(HEAP)).isZero();
        line.release(granted);
        assertThat(line.stats().handBytes()).isZero();
    }

    @Test
    void monitoringLetsEverythingRunAndCounts() {
        LoadLine line = line(AT_THREE_QUARTERS.mode(Mode.MONITOR));

        assertThat(declared(line, 700 * MIB).enter()).isTrue();
        assertThat(declared(line, 700 * MIB).enter()).isTrue();
        assertThat(line.admit(HEAP)).isEqualTo(HEAP);
        assertThat(line.stats().exceeded()).isEqualTo(1);
    }

    @Test
    void switchedOffItHoldsNothing() {
        LoadLine line = line(AT_THREE_QUARTERS.mode(Mode.OFF));
        Permit permit = declared(line, 5_000 * MIB);

        assertThat(permit.enter()).isTrue();
        assertThat(permit.impossible()).isFalse();
        assertThat(line.stats().admitted()).isZero();
    }

    @Test
    void moreThanTheHeapIsImpossible() {
        assertThat(declared(line(), HEAP + 1).impossible()).isTrue();
        assertThat(declared(line(), HEAP - 1).impossible()).isFalse();
    }

    @Test
    void refusesProducersAfterTwoFullCollectionsAndForTwoSeconds() {
        LoadLine line = line();

        line.collected(left(910 * MIB));
        assertThat(line.pressure()).isNull();
        line.collected(left(910 * MIB));

        assertThat(line.pressure()).isNotNull();
        assertThat(line.pressure().heapShare()).isEqualTo(0.91, org.assertj.core.data.Offset.offset(0.001));
        assertThat(line.pressure().lineShare()).isEqualTo(0.85);
        assertThat(line.stats().refused()).isEqualTo(3);
        clock.advance(Duration.ofSeconds(2));
        assertThat(line.pressure()).as("nobody is refused for ever on old news").isNull();
    }

    @Test
    void aSecondLineOutsideTheHeapLetsOneRun() {
        LoadLine line = line();
        line.outside(() -> 95, 100);
        line.look();

        assertThat(declared(line, MIB).enter()).isTrue();
        assertThat(declared(line, MIB).enter()).isFalse();

        line.outside(() -> 50, 100);
        line.look();
        assertThat(line.stats().running()).isEqualTo(2);
    }

    @Test
    void slowsProducersBeforeItRefusesThem() {
        LoadLine line = line();
        assertThat(line.holdBackNanos()).isZero();

        for (int i = 0; i < 3; i++) {
            line.collected(left(800 * MIB));
        }
        assertThat(line.holdBackNanos()).as("one of the last four left nothing").isZero();
        line.collected(left(800 * MIB));
        assertThat(line.holdBackNanos()).isEqualTo(125_000_000);
        assertThat(line.pressure()).isNull();
        for (int i = 0; i < 4; i++) {
            line.collected(left(900 * MIB));
        }
        assertThat(line.holdBackNanos()).isEqualTo(250_000_000);
        assertThat(line.pressure()).isNotNull();
        clock.advance(Duration.ofSeconds(2));
        assertThat(line.holdBackNanos()).as("nobody waits on old news").isZero();
    }

    @Test
    void neverSlowsAJobThatAddsJobs() {
        LoadLine line = line();
        for (int i = 0; i < 4; i++) {
            line.collected(left(900 * MIB));
        }
        Permit permit = declared(line, MIB);
        permit.enter();
        permit.begin();
        assertThat(line.holdBackNanos()).isZero();

        permit.end(null);
        assertThat(line.holdBackNanos()).isPositive();
    }

    @Test
    void governsOtherwiseFromNowOn() {
        LoadLine line = line();
        declared(line, 600 * MIB).enter();
        Permit second = declared(line, 200 * MIB);
        assertThat(second.enter()).isFalse();

        line.govern(AT_THREE_QUARTERS.line(0.95));
        assertThat(second.held()).isTrue();
        assertThat(line.stats().lineBytes()).isEqualTo(950 * MIB);

        Permit third = declared(line, 500 * MIB);
        assertThat(third.enter()).isFalse();
        line.govern(AT_THREE_QUARTERS.mode(Mode.MONITOR));
        assertThat(third.held()).isTrue();

        line.govern(AT_THREE_QUARTERS.mode(Mode.OFF));
        assertThat(declared(line, 500 * MIB).enter()).isTrue();
        assertThat(line.stats().running()).as("counted from before").isEqualTo(3);
        assertThatThrownBy(() -> line.govern(AT_THREE_QUARTERS.groupBytes(MIB)))
                .hasMessageContaining("memory.group-bytes")
                .hasMessageContaining("restart");
    }

    @Test
    void countsWhatIsLeftAndOwedWhereThatIsLess() {
        LoadLine line = line();
        Permit first = declared(line, 300 * MIB);
        Permit second = declared(line, 300 * MIB);
        first.enter();
        second.enter();
        Permit third = declared(line, 100 * MIB);
        assertThat(third.enter()).as("room is kept for records in hand").isFalse();

        line.collected(left(10 * MIB));

        assertThat(third.held()).as("but the heap is as good as empty").isTrue();
    }

    @Test
    void largeArraysCostTheirRegions() {
        LoadLine line = line();

        line.collected(new GcEvent("G1 Young Generation", "", false, false, 100 * MIB, 10 * MIB, 1, 1, 90 * MIB, 0, 0));

        assertThat(line.stats().garbageDiscount()).isEqualTo(1.9);
    }

    @Test
    void garbageThatIsOlderThanTheJobsDoesNotMakeThemDear() {
        LoadLine line = line();
        Permit known = undeclared(line, 1_000);
        for (int i = 0; i < 70; i++) {
            line.ended(known, 100 * MIB, null);
        }
        for (int i = 0; i < 80; i++) {
            // each leaves 400 MiB, of which 10 have survived since the one job began and 10 were moved
            Permit job = undeclared(line, 1_000);
            job.enter();
            line.collected(
                    new GcEvent("G1 Young Generation", "", false, false, HEAP, 400 * MIB, 1, 1, 0, 10 * MIB, 10 * MIB));
            job.leave();
        }

        assertThat(line.stats().garbageDiscount()).isBetween(0.1, 0.25);
        assertThat(cost(line, "u")).isLessThan(30 * MIB);
    }

    @Test
    void manyOfATypeThatScattersCostTheirMeanAndTwoDeviations() {
        LoadLine line = line();
        for (int i = 0; i < 70; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            line.ended(permit, (i % 2 == 0 ? 10 : 50) * MIB, null);
            permit.leave();
        }

        int running = 0;
        while (undeclared(line, 1_000).enter()) {
            running++;
        }

        // 690 MiB hold 13 of 50 each; of 30 in the mean, with 20 as the deviation, 17 need 510 and twice 82 besides
        assertThat(running).isBetween(16, 18);
        assertThat(line.stats().runningBytes()).isLessThan(running * 50L * MIB);
    }

    @Test
    void noticesAtOnceThatSomethingElseHasTakenMemory() {
        LoadLine line = line();
        GcEvent calm = young(100 * MIB, 0);
        line.collected(calm);
        assertThat(line.stats().baseBytes()).isLessThan(101 * MIB);

        line.collected(young(400 * MIB, 300 * MIB));
        assertThat(line.stats().baseBytes()).as("no job allocated that").isGreaterThan(250 * MIB);

        line.collected(calm);
        assertThat(line.stats().baseBytes()).as("it has gone again").isLessThan(101 * MIB);
    }

    @Test
    void takesNothingForSomethingElseWhileJobsDoNotTellWhatTheyAllocate() {
        LoadLine line = line();
        line.collected(young(100 * MIB, 0));
        undeclared(line, 1_000).enter(); // as on a virtual thread, which does not tell

        line.collected(young(400 * MIB, 300 * MIB));
        line.collected(new GcEvent("MarkSweepCompact", "", true, false, HEAP, 400 * MIB, 1, 1));

        assertThat(line.stats().baseBytes()).isLessThan(101 * MIB);
    }

    /** Leaves 10 MiB among the young. */
    private static GcEvent young(long left, long promoted) {
        return new GcEvent("Copy", "", false, false, HEAP, left, 1, 1, 0, 10 * MIB, promoted);
    }

    @Test
    void aCollectionOfTheWholeHeapTellsWhatNoJobCanHold() {
        LoadLine line = line();

        line.collected(new GcEvent("MarkSweepCompact", "", true, false, HEAP, 400 * MIB, 1, 1));

        assertThat(line.stats().baseBytes()).isGreaterThanOrEqualTo(300 * MIB);
    }

    @Test
    void whatJobsAllocatedIsNotTakenForSomethingElse() {
        LoadLine line = line();
        line.collected(young(100 * MIB, 0));
        Permit known = undeclared(line, 1_000);
        for (int i = 0; i < 70; i++) {
            line.ended(known, 150 * MIB, null);
        }
        for (int i = 0; i < 2; i++) {
            Permit job = undeclared(line, 1_000);
            job.enter();
            job.leave();
        }

        line.collected(young(400 * MIB, 300 * MIB));

        assertThat(line.stats().baseBytes()).isLessThan(101 * MIB);
    }

    @Test
    void neitherTimeNorCollectionsEndTheSlowStartBeforeAnyRunHasBegun() {
        LoadLine line = new LoadLine(AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), clock);
        Permit first = undeclared(line, 100);
        first.enter();
        declared(line, 990 * MIB).enter();
        for (int i = 0; i < 20; i++) {
            line.collected(left(0));
            clock.advance(Duration.ofSeconds(1));
            line.look();
        }
        assertThat(line.stats().throttle()).isEqualTo(0.35);

        first.begin();
        line.collected(left(0));
        assertThat(line.stats().throttle()).isGreaterThan(0.35);
    }

    @Test
    void boundsTypesThatHoldDirectBuffers() {
        AtomicLong used = new AtomicLong();
        LoadLine line = new LoadLine(
                AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), new Direct(used::get, 100 * MIB), clock);
        for (int i = 0; i < 20; i++) {
            line.collected(left(0));
        }
        for (int i = 0; i < 70; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            used.addAndGet(10 * MIB);
            line.ended(permit, 10_000, null);
            permit.leave();
            used.addAndGet(-10 * MIB);
            line.look();
        }

        int running = 0;
        while (undeclared(line, 1_000).enter()) {
            running++;
        }
        assertThat(running).isBetween(5, 10);
    }

    @Test
    void jobsThatLastLongerThanALookAreNotChargedTwiceForTheirDirectBuffers() {
        AtomicLong used = new AtomicLong();
        Direct direct = new Direct(used::get, 1_000 * MIB);
        Footprint type = new Footprint("u");
        List<Permit> running = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            // each takes 10 MiB at its start and 10 half-way, 4 begin and 4 end between two looks, 8 run at any time
            for (int i = 0; i < 4; i++) {
                Permit permit = new Permit(null, type, new Permit.Request("u", 1, 0, null), () -> {});
                direct.began(permit);
                running.add(permit);
            }
            used.addAndGet(4 * 10 * MIB + (running.size() > 4 ? 4 * 10 * MIB : 0));
            if (running.size() > 8) {
                running.subList(0, 4).forEach(direct::left);
                running.subList(0, 4).clear();
            }
            direct.look();
            if (used.get() > 800 * MIB) {
                used.set(160 * MIB); // the JVM collects
                direct.look();
            }
        }

        assertThat(type.directBytes / MIB).isBetween(17.0, 23.0);
    }

    @Test
    void directBuffersFitUnderTheLimitOfTheProcessToo() {
        AtomicLong used = new AtomicLong();
        LoadLine line = new LoadLine(
                AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), new Direct(used::get, 1_000 * MIB), clock);
        for (int i = 0; i < 20; i++) {
            line.collected(left(0));
        }
        line.outside(() -> 50 * MIB + used.get(), 200 * MIB);
        AtomicInteger asked = new AtomicInteger();
        line.collector = asked::incrementAndGet;
        for (int i = 0; i < 70; i++) {
            Permit permit = undeclared(line, 1_000);
            permit.enter();
            permit.begin();
            used.addAndGet(10 * MIB);
            permit.end(null);
            permit.leave();
            used.addAndGet(-10 * MIB);
            line.look();
        }
        assertThat(asked).as("nothing is dead").hasValue(0);

        int running = 0;
        while (undeclared(line, 1_000).enter()) {
            running++;
        }

        assertThat(running).as("of 180 MB 50 are taken by others").isBetween(5, 14);
    }

    @Test
    void asksForACollectionWhereDeadDirectBuffersFillTheProcess() {
        AtomicLong used = new AtomicLong();
        LoadLine line = new LoadLine(
                AT_THREE_QUARTERS, new HeapFacts(HEAP, MIB, false), new Direct(used::get, 1_000 * MIB), clock);
        AtomicInteger asked = new AtomicInteger();
        line.collector = asked::incrementAndGet;
        line.outside(used::get, 200 * MIB);
        Permit job = undeclared(line, 1_000);
        job.enter();
        job.begin();

        used.set(190 * MIB);
        line.look();
        job.end(null);
        assertThat(asked).hasValue(1);

        line.look();
        job.end(null);
        assertThat(asked).as("once a second").hasValue(1);
    }

    @Test
    void closingLetsEverybodyIn() {
        LoadLine line = line();
        Permit second = declared(line, 700 * MIB);
        declared(line, 700 * MIB).enter();
        second.enter();

        line.close();

        assertThat(second.held()).isTrue();
    }

    @Test
    void refusesALineThatIsNone() {
        assertThatThrownBy(() -> AT_THREE_QUARTERS.line(1.5))
                .hasMessageContaining("memory.load-line 1.5")
                .hasMessageContaining("0.1 to 0.95");
    }

    @Test
    void timeAloneDoesNotMakeAnUnknownTypeCheap() {
        LoadLine line = line();
        Permit first = undeclared(line, MIB);
        first.enter();
        first.begin();

        for (int look = 0; look < 6; look++) {
            line.look(); // a busy machine: 1.5 s, and the first job has not done anything yet
        }

        assertThat(cost(line, "u")).as("one halving a second").isGreaterThanOrEqualTo(750 * MIB / 12 / 2);
        first.end(null);
        line.look();
        line.look();
        undeclared(line, MIB).enter();
        assertThat(cost(line, "u")).as("three more since it ended").isLessThanOrEqualTo(750 * MIB / 12 / 16);
    }

    private static long cost(LoadLine line, String type) {
        return line.stats().types().stream()
                .filter(each -> each.type().equals(type))
                .findFirst()
                .orElseThrow()
                .lastCostBytes();
    }

    /** As Shenandoah and ZGC do while the program begins. */
    @Test
    void collectionsBeforeAnyRunHasEndedDoNotUseUpTheSlowStart() {
        LoadLine line = new LoadLine(LoadLineConfig.DEFAULT, new HeapFacts(HEAP, 0, true), clock);

        for (int i = 0; i < 20; i++) {
            line.collected(cycle("Shenandoah Cycles", true, 170 * MIB));
        }
        assertThat(line.stats().throttle()).isEqualTo(0.35);

        started(line);
        assertThat(line.stats().throttle()).isEqualTo(1);
    }

    private static GcEvent cycle(String collector, boolean whole, long left) {
        return new GcEvent(collector, "Allocation Rate", whole, true, HEAP, left, 40, 1);
    }

    /** Thousandths of the heap that ZGC left while such jobs ran one after the other (seen on 25 with 64 MB). */
    private static final int[] LEFT_BY_ZGC = {
        440, 530, 440, 470, 690, 530, 560, 440, 470, 470, 530, 530, 780, 750, 750, 720, 440, 560, 560, 560
    };

    @Test
    void jobsThatDropMostOfWhatTheyAllocateDoNotMakeTheBaseOfAConcurrentCollectorLookEmpty() {
        LiveSet live = new LiveSet(new HeapFacts(HEAP, 0, true, HeapFacts.ZGC), 0);
        long each = 375 * MIB; // as 24 of 64 MB

        for (int i = 0; i < 400; i++) {
            live.collected(
                    cycle("ZGC Minor Cycles", false, LEFT_BY_ZGC[i % 20] * HEAP / 1_000),
                    0,
                    each * (i % 8) / 8,
                    each,
                    0);
        }

        assertThat(live.base()).as("and not a sixteenth").isBetween(300 * MIB, 440 * MIB);
        assertThat(live.discount()).as("with a base of a sixteenth it was 1.05").isLessThan(0.8);
    }

    @Test
    void aRunThatOutgrowsItsTypeIsNoticedWhenAnotherEndsAndNotOnlyAtTheNextCollection() {
        LoadLine line = line();
        Permit small = undeclared(line, 1_000);
        for (int i = 0; i < 70; i++) {
            line.ended(small, MIB, null);
        }
        Permit grows = undeclared(line, 1_000);
        grows.enter();
        grows.begin();
        byte[][] held = new byte[8][(int) MIB]; // beside it the thread allocates hardly anything
        declared(line, 900 * MIB).enter();
        assertThat(line.stats().waiting()).as("the line is full").isEqualTo(1);

        clock.advance(Duration.ofMillis(5));
        line.ended(small, MIB, null);

        assertThat(held[7]).hasSize((int) MIB);
        assertThat(grows.cost).isGreaterThan(7 * MIB);
        assertThat(grows.told)
                .as("a collection of which we have not heard yet may have been before that")
                .isZero();
        grows.end(null);
    }
}
