package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Job;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.redis.Redis;
import io.penstock.runtime.Threads;
import io.penstock.schedule.Schedule.Misfire;
import io.penstock.schedule.Schedule.Overlap;
import io.penstock.schedule.ScheduleRun.Outcome;
import io.penstock.schedule.SchedulesRig.Fate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class SchedulesRedisTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    private final AtomicLong now = new AtomicLong(NOON.toEpochMilli());
    private final List<SchedulesRig> rigs = new ArrayList<>();
    private String uri;
    private SchedulesRig rig;
    private Schedules schedules;
    private String queue;

    @BeforeEach
    void open(EmbeddedRedis server, TestInfo test) {
        uri = server.uri();
        queue = "sch-" + test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        queue = queue.substring(0, Math.min(50, queue.length()));
        rig = another();
        schedules = rig.schedules;
        clear();
    }

    private SchedulesRig another() {
        SchedulesRig more = new SchedulesRig(uri, now);
        rigs.add(more);
        return more;
    }

    private void clear() {
        List.of("names", "defs", "states", "due").forEach(key -> rig.command("DEL", key));
    }

    @AfterEach
    void close() {
        clear();
        rig.queue(queue).delete(true);
        rigs.forEach(SchedulesRig::close);
    }

    private JobSpec job() {
        return new JobSpec(queue, "report", "{\"n\":1}".getBytes(StandardCharsets.UTF_8), JobOptions.NONE);
    }

    private Schedule minutely(String id) {
        return Schedule.cron(id, "* * * * *", ZoneOffset.UTC, job());
    }

    private void put(Schedule schedule) {
        assertThat(schedules.put(schedules.get(schedule.id()).orElse(null), schedule))
                .isTrue();
    }

    @Test
    void tellsListenersOfEveryProcessWhatBecameOfARun() {
        List<ScheduleEvent> told = new CopyOnWriteArrayList<>();
        AtomicBoolean begun = new AtomicBoolean();
        SchedulesRig elsewhere = another();
        elsewhere.schedules.onRun(event -> {
            if (event.schedule().startsWith("told")) {
                told.add(event);
            }
        });
        elsewhere.redis.subscriber().subscribe("pk:schedule:{all}:events", message -> {}, () -> begun.set(true));
        await().untilTrue(begun);
        put(minutely("told"));
        rig.at(NOON.plusSeconds(60));
        rig.schedules.round();

        await().until(() -> !told.isEmpty());
        ScheduleRun run = told.get(0).run();
        assertThat(told.get(0).schedule()).isEqualTo("told");
        assertThat(run.outcome()).isEqualTo(Outcome.ENQUEUED);
        assertThat(run).isEqualTo(schedules.runs("told").get(0));
    }

    private List<Instant> minutes(int... after) {
        List<Instant> all = new ArrayList<>();
        for (int minute : after) {
            all.add(NOON.plusSeconds(60L * minute));
        }
        return all;
    }

    private List<Outcome> outcomes(String id) {
        return schedules.runs(id).stream().map(ScheduleRun::outcome).toList();
    }

    @Test
    void enqueuesAJobForEachRunWithItsName() {
        put(minutely("tick"));
        assertThat(schedules.round()).isZero();
        assertThat(rig.runUntil(NOON.plusSeconds(180))).isEqualTo(3);
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1, 2, 3));
        Job job = rig.waiting(queue).get(0);
        assertThat(job.type()).isEqualTo("report");
        assertThat(job.options().metadata()).isEqualTo(Map.of("schedule", "tick", "run", "2026-06-01T12:01:00Z"));
        assertThat(outcomes("tick")).containsOnly(Outcome.ENQUEUED).hasSize(3);
        ScheduleView view = schedules.get("tick").orElseThrow();
        assertThat(view.enqueued()).isEqualTo(3);
        assertThat(view.next()).isEqualTo(NOON.plusSeconds(240));
        assertThat(view.lastRun()).isEqualTo(NOON.plusSeconds(180));
        assertThat(view.lastJob()).isEqualTo(schedules.runs("tick").get(0).job());
    }

    @Test
    void firesEachRunOnceWhenTenProcessesLook() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            put(minutely("many-" + i));
        }
        Threads threads = new Threads(20);
        for (int i = 0; i < 9; i++) {
            another();
        }
        AtomicInteger fired = new AtomicInteger();
        for (int minute = 1; minute <= 20; minute++) {
            rig.at(NOON.plusSeconds(60L * minute));
            List<Thread> looks = rigs.stream()
                    .map(each -> threads.start("look", () -> fired.addAndGet(each.schedules.round())))
                    .toList();
            for (Thread look : looks) {
                look.join();
            }
        }
        threads.close();
        assertThat(fired.get()).isEqualTo(100);
        List<String> ids = new ArrayList<>();
        rig.waiting(queue).forEach(job -> ids.add(job.options().metadata().toString()));
        assertThat(ids).hasSize(100).doesNotHaveDuplicates();
        assertThat(schedules.get("many-3").orElseThrow().enqueued()).isEqualTo(20);
    }

    @Test
    void losesNoRunWhenAProcessDiesBetweenClaimAndEnqueue() {
        put(minutely("crash"));
        rig.at(NOON.plusSeconds(60));
        rig.fate = Fate.DIE_BEFORE_ENQUEUE;
        assertThatThrownBy(schedules::round).isInstanceOf(SchedulesRig.Died.class);
        SchedulesRig other = another();
        assertThat(other.schedules.round()).isZero(); // claimed
        rig.advance(Duration.ofMillis(ScheduleStore.LEASE_MILLIS));
        assertThat(other.schedules.round()).isEqualTo(1);
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        assertThat(outcomes("crash")).containsExactly(Outcome.ENQUEUED);
    }

    @Test
    void doublesNoRunWhenAProcessDiesBetweenEnqueueAndWrite() {
        put(minutely("crash"));
        rig.at(NOON.plusSeconds(60));
        rig.fate = Fate.DIE_AFTER_ENQUEUE;
        assertThatThrownBy(schedules::round).isInstanceOf(SchedulesRig.Died.class);
        Job job = rig.waiting(queue).get(0);
        SchedulesRig other = another();
        rig.advance(Duration.ofMillis(ScheduleStore.LEASE_MILLIS));
        assertThat(other.schedules.round()).isZero();
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        assertThat(schedules.runs("crash").get(0).job()).isEqualTo(job.id());
        assertThat(schedules.get("crash").orElseThrow().next()).isEqualTo(NOON.plusSeconds(120));
    }

    @Test
    void doublesNoRunWhenTheClockOfRedisJumpsBack() {
        put(minutely("back"));
        rig.runUntil(NOON.plusSeconds(300));
        rig.at(NOON.minusSeconds(3_600));
        rig.runUntil(NOON.plusSeconds(420));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1, 2, 3, 4, 5, 6, 7));
    }

    @Test
    void treatsMissedRunsAsThePolicySays() {
        put(minutely("skip").misfire(Misfire.SKIP));
        put(minutely("once"));
        put(minutely("three").catchUp(3));
        rig.at(NOON.plusSeconds(600 + 30)); // 1 to 9 are missed, 10 is half a minute late
        schedules.round();
        Map<String, List<Instant>> runs = new java.util.TreeMap<>();
        rig.waiting(queue)
                .forEach(job -> runs.computeIfAbsent(job.options().metadata().get("schedule"), any -> new ArrayList<>())
                        .add(Instant.parse(job.options().metadata().get("run"))));
        assertThat(runs).isEqualTo(Map.of("skip", minutes(10), "once", minutes(9, 10), "three", minutes(7, 8, 9, 10)));
        ScheduleRun missed = schedules.runs("once").stream()
                .filter(run -> run.outcome() == Outcome.MISSED)
                .findFirst()
                .orElseThrow();
        assertThat(missed.run()).isEqualTo(NOON.plusSeconds(60));
        assertThat(missed.count()).isEqualTo(8);
        assertThat(schedules.get("skip").orElseThrow().missed()).isEqualTo(9);
    }

    @Test
    void looksBackOverAYearOfMissedSecondsAtOnce() {
        put(Schedule.cron("seconds", "* * * * * *", ZoneOffset.UTC, job()).catchUp(5));
        put(Schedule.cron("bursts", "* * 3 1 * *", ZoneOffset.UTC, job()).catchUp(2));
        rig.at(NOON.plus(Duration.ofDays(365)));
        assertThat(schedules.round()).isEqualTo(61 - 1 + 5 + 2);
        assertThat(schedules.get("seconds").orElseThrow().missed()).isEqualTo(Plan.MOST_COUNTED - 5);
        assertThat(rig.enqueued(queue)).contains(Instant.parse("2027-06-01T03:59:59Z"));
    }

    @Test
    void keepsRunsApartAsThePolicySays() {
        put(minutely("skip").overlap(Overlap.SKIP));
        rig.runUntil(NOON.plusSeconds(180));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        assertThat(outcomes("skip")).containsExactly(Outcome.OVERLAPPED, Outcome.OVERLAPPED, Outcome.ENQUEUED);
        endAll();
        rig.runUntil(NOON.plusSeconds(240));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(4));
    }

    private void endAll() {
        rig.waiting(queue).forEach(job -> rig.queue(queue).cancel(job.id()));
    }

    @Test
    void queuesARunBehindTheOneBefore() {
        put(minutely("queue").overlap(Overlap.QUEUE).misfire(Misfire.SKIP));
        rig.runUntil(NOON.plusSeconds(60 + 45));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        rig.runUntil(NOON.plusSeconds(300)); // the run of minute 2 waits, however long
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        endAll();
        rig.runUntil(NOON.plusSeconds(320));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(2));
        endAll();
        rig.runUntil(NOON.plusSeconds(340));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(5)); // 3 and 4 were missed meanwhile
        assertThat(schedules.get("queue").orElseThrow().missed()).isEqualTo(2);
    }

    @Test
    void replacesTheRunBefore() {
        put(minutely("replace").overlap(Overlap.REPLACE));
        rig.runUntil(NOON.plusSeconds(180));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(3));
        assertThat(rig.queue(queue).list(JobState.CANCELLED, null, 10).jobs()).hasSize(2);
    }

    @Test
    void waitsAfterTheEndOfARun() {
        put(Schedule.fixedDelay("delay", Duration.ofMinutes(10), job()));
        rig.runUntil(NOON.plusSeconds(600));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(10));
        rig.runUntil(NOON.plusSeconds(6_000));
        assertThat(rig.waiting(queue)).hasSize(1); // it has not ended
        assertThat(schedules.get("delay").orElseThrow().next()).isNull();
        Job job = rig.waiting(queue).get(0);
        rig.queue(queue).cancel(job.id());
        Instant ended = rig.queue(queue).get(job.id()).orElseThrow().finishedAt();
        rig.at(ended.plusSeconds(1));
        rig.runUntil(ended.plusSeconds(599));
        assertThat(rig.waiting(queue)).isEmpty();
        rig.runUntil(ended.plusSeconds(600));
        assertThat(rig.enqueued(queue)).containsExactly(ended.plusSeconds(600));
    }

    @Test
    void triesAgainWhatTheQueueRefused() {
        put(minutely("refused").misfire(Misfire.SKIP));
        rig.fate = Fate.REFUSE;
        rig.runUntil(NOON.plusSeconds(90));
        assertThat(schedules.get("refused").orElseThrow().problem()).isEqualTo("queue-full: full for a test");
        rig.fate = Fate.NONE;
        rig.runUntil(NOON.plusSeconds(95));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
        assertThat(schedules.get("refused").orElseThrow().problem()).isNull();
        rig.fate = Fate.REFUSE;
        rig.runUntil(NOON.plusSeconds(240));
        rig.fate = Fate.NONE;
        rig.runUntil(NOON.plusSeconds(250));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1, 4)); // 2 and 3 have misfired
    }

    @Test
    void runsBetweenStartAndEnd() {
        put(Schedule.every("rate", Duration.ofMinutes(7), job())
                .between(NOON.plusSeconds(300), NOON.plusSeconds(300 + 14 * 60)));
        rig.runUntil(NOON.plusSeconds(7_200));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(5, 12));
        assertThat(schedules.get("rate").orElseThrow().status()).isEqualTo(ScheduleView.Status.ENDED);
    }

    @Test
    void spreadsRunsAlwaysAlike() {
        Schedule schedule = minutely("jitter").jitter(Duration.ofMinutes(30)); // cut to the minute between two runs
        Plan plan = new Plan(schedule, NOON);
        List<Instant> at = new ArrayList<>();
        Instant last = NOON;
        for (Instant run : Schedules.preview(schedule, NOON, 50)) {
            assertThat(plan.at(run)).isEqualTo(new Plan(schedule, NOON.minusSeconds(5)).at(run));
            assertThat(plan.at(run)).isBetween(run, run.plusMillis(59_999)).isAfter(last);
            last = plan.at(run);
            at.add(last);
        }
        assertThat(at.stream()
                        .map(one -> one.toEpochMilli() % 60_000 / 6_000)
                        .distinct()
                        .count())
                .isGreaterThan(7);
        put(schedule);
        rig.runUntil(at.get(9));
        assertThat(rig.enqueued(queue)).hasSize(10);
        assertThat(schedules.runs("jitter").get(0).at()).isEqualTo(at.get(9));
    }

    @Test
    void pausesAndResumesWithoutMakingUp() {
        put(minutely("pause"));
        rig.runUntil(NOON.plusSeconds(60));
        assertThat(schedules.pause("pause")).isTrue();
        assertThat(schedules.get("pause").orElseThrow().status()).isEqualTo(ScheduleView.Status.PAUSED);
        rig.runUntil(NOON.plusSeconds(600));
        put(minutely("pause").overlap(Overlap.SKIP)); // a change leaves it paused
        assertThat(schedules.get("pause").orElseThrow().next()).isNull();
        assertThat(schedules.resume("pause")).isTrue();
        endAll();
        rig.runUntil(NOON.plusSeconds(660));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(11));
        assertThat(schedules.pause("none")).isFalse();
    }

    @Test
    void runsByHandBesideItsTimes() {
        put(minutely("hand"));
        schedules.pause("hand");
        rig.at(NOON.plusSeconds(5));
        assertThat(schedules.run("hand")).isPresent();
        assertThat(rig.enqueued(queue)).containsExactly(NOON.plusSeconds(5));
        assertThat(outcomes("hand")).containsExactly(Outcome.BY_HAND);
        assertThat(schedules.get("hand").orElseThrow().status()).isEqualTo(ScheduleView.Status.PAUSED);
        assertThat(schedules.run("none")).isEmpty();
    }

    @Test
    void changesOnlyWhatTheCallerSaw() {
        put(minutely("seen"));
        ScheduleView seen = schedules.get("seen").orElseThrow();
        rig.runUntil(NOON.plusSeconds(60)); // a run changes nothing that a caller sees
        assertThat(schedules.put(seen, minutely("seen").misfire(Misfire.SKIP))).isTrue();
        assertThat(schedules.get("seen").orElseThrow().next()).isEqualTo(NOON.plusSeconds(120));
        assertThat(schedules.put(seen, minutely("seen"))).isFalse();
        assertThat(schedules.put(null, minutely("seen"))).isFalse();
        assertThat(schedules.delete(seen)).isFalse();
        assertThat(schedules.delete(schedules.get("seen").orElseThrow())).isTrue();
        assertThat(schedules.get("seen")).isEmpty();
        assertThat(schedules.runs("seen")).isEmpty();
        rig.runUntil(NOON.plusSeconds(600));
        assertThat(rig.enqueued(queue)).isEqualTo(minutes(1));
    }

    @Test
    void convergesToTheCodeOfAProgram() {
        put(minutely("operators"));
        schedules.define("billing", List.of(minutely("a"), minutely("b")));
        schedules.define("other", List.of(minutely("c")));
        schedules.pause("a");
        schedules.define("billing", List.of(minutely("a").overlap(Overlap.SKIP), minutely("d")));
        assertThat(schedules.list(null, 100).schedules())
                .extracting(view -> view.schedule().id() + " " + view.definedBy() + " " + view.status())
                .containsExactly("a billing PAUSED", "c other ACTIVE", "d billing ACTIVE", "operators null ACTIVE");
        ScheduleView a = schedules.get("a").orElseThrow();
        assertThat(a.schedule().overlap()).isEqualTo(Overlap.SKIP);
        assertThatThrownBy(() -> schedules.put(a, minutely("a")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("defined by the code of billing");
        assertThatThrownBy(() -> schedules.delete(a)).hasMessageContaining("was not deleted");
        List<String> before = texts(rig.command("HVALS", "states"));
        schedules.define("billing", List.of(minutely("a").overlap(Overlap.SKIP), minutely("d")));
        assertThat(texts(rig.command("HVALS", "states"))).isEqualTo(before); // nothing was written
        schedules.define("billing", List.of());
        assertThat(schedules.list(null, 100).schedules()).hasSize(2);
    }

    private static List<String> texts(List<Object> replies) {
        return replies.stream().map(Redis::text).toList();
    }

    @Test
    void keepsAllThatAScheduleSays() {
        Schedule whole = Schedule.cron(
                        "whole",
                        "0 30 9 ? * MON-FRI",
                        ZoneId.of("Asia/Shanghai"),
                        new JobSpec(
                                queue,
                                "report",
                                "{\"名\":[1,2.50]}".getBytes(StandardCharsets.UTF_8),
                                JobOptions.NONE
                                        .maxAttempts(3)
                                        .timeout(Duration.ofSeconds(7))
                                        .group("acme")
                                        .metadata(Map.of("k", "v"))))
                .catchUp(7)
                .overlap(Overlap.REPLACE)
                .jitter(Duration.ofSeconds(90))
                .between(NOON, NOON.plus(Duration.ofDays(30)))
                .skip("2026-06-19", "--12-25");
        put(whole);
        Schedule read = schedules.get("whole").orElseThrow().schedule();
        assertThat(new String(read.job().payload(), StandardCharsets.UTF_8)).isEqualTo("{\"名\":[1,2.50]}");
        assertThat(read).usingRecursiveComparison().isEqualTo(whole);
        assertThat(whole.describe(Locale.CHINESE)).isEqualTo("周一至周五 09:30 (Asia/Shanghai)");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> put(minutely("never").skip("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")))
                .hasMessageContaining("never fires");
        assertThatThrownBy(() -> put(minutely("over").between(null, NOON))).hasMessageContaining("never fires");
        assertThatThrownBy(() -> Schedule.every("fast", Duration.ofMillis(10), job()))
                .hasMessageContaining("every PT0.01S is outside PT1S to PT8760H");
        JobSpec unique = new JobSpec(queue, "r", new byte[0], JobOptions.NONE.unique(Unique.whilePending("k")));
        assertThatThrownBy(() -> Schedule.every("u", Duration.ofMinutes(1), unique))
                .hasMessageContaining("unique key of its own");
        assertThat(schedules.list(null, 10).schedules()).isEmpty();
        schedules.define("p", List.of(minutely("over").between(null, NOON))); // a deploy must not fail on an old end
        assertThat(schedules.get("over").orElseThrow().status()).isEqualTo(ScheduleView.Status.ENDED);
    }

    @Test
    void pagesThroughSchedulesById() {
        for (int i = 0; i < 25; i++) {
            put(minutely("page-" + (char) ('a' + i)));
        }
        List<String> ids = new ArrayList<>();
        String after = null;
        do {
            SchedulePage page = schedules.list(after, 10);
            page.schedules().forEach(view -> ids.add(view.schedule().id()));
            after = page.next();
        } while (after != null);
        assertThat(ids).hasSize(25).isSorted().doesNotHaveDuplicates();
    }
}
