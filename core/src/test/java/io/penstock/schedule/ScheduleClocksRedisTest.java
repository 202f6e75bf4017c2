package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Job;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.schedule.Schedule.Overlap;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of the clock through Redis and two processes, and what waiting and firing cost by the clock on the wall. */
@ExtendWith(EmbeddedRedisExtension.class)
class ScheduleClocksRedisTest {
    private static final Instant END = Instant.parse("2028-01-01T00:00:00Z");
    private static final String QUEUE = "sch-clocks";

    private final List<SchedulesRig> rigs = new ArrayList<>();
    private String uri;

    @BeforeEach
    void open(EmbeddedRedis server) {
        uri = server.uri();
    }

    private SchedulesRig rig(AtomicLong now) {
        SchedulesRig rig = new SchedulesRig(uri, now);
        rigs.add(rig);
        return rig;
    }

    private static void clear(SchedulesRig rig) {
        List.of("names", "defs", "states", "due").forEach(key -> rig.command("DEL", key));
        rig.queue(QUEUE).delete(true);
    }

    @AfterEach
    void close() {
        clear(rigs.get(0));
        rigs.forEach(SchedulesRig::close);
    }

    private static JobSpec job() {
        return new JobSpec(QUEUE, "tick", new byte[] {'{', '}'}, JobOptions.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Africa/Casablanca"
            })
    void runsEachOnceOverEveryChangeOfTwoYears(String zoneName) {
        ZoneId zone = ZoneId.of(zoneName);
        AtomicLong now = new AtomicLong();
        SchedulesRig one = rig(now);
        SchedulesRig two = rig(now);
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        int changes = 0;
        for (ZoneOffsetTransition change = zone.getRules().nextTransition(at);
                change != null && change.getInstant().isBefore(END);
                change = zone.getRules().nextTransition(change.getInstant())) {
            changes++;
            clear(one);
            Instant from = change.getInstant().minus(Duration.ofHours(12));
            one.at(from);
            String[] crons = {"*/15 * * * *", "30 0-4 * * *", "15 2 * * *", "30 1 * * *", "0 0 * * *"};
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < crons.length; i++) {
                Schedule schedule = Schedule.cron("c" + i, crons[i], zone, job());
                one.schedules.put(null, schedule);
                for (Instant run : Schedules.preview(schedule, from, 100)) {
                    expected.add(schedule.runId(run));
                }
            }
            // in 13 minutes that two processes take turns in; the last of 100 previewed quarters is 25 hours on
            Instant end = from.plus(Duration.ofHours(24).plusMinutes(59));
            expected.removeIf(id -> Instant.parse(id.substring(3)).isAfter(end));
            for (SchedulesRig turn = one; now.get() < end.toEpochMilli(); turn = turn == one ? two : one) {
                Instant until = turn.now().plus(Duration.ofMinutes(13));
                turn.runUntil(until.isAfter(end) ? end : until);
            }
            List<String> ran = new ArrayList<>();
            String cursor = null;
            do {
                var page = one.queue(QUEUE).list(JobState.WAITING, cursor, 500);
                page.jobs()
                        .forEach(done -> ran.add(done.options().metadata().get("schedule") + "@"
                                + done.options().metadata().get("run")));
                cursor = page.next();
            } while (cursor != null);
            assertThat(ran).as(change.toString()).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(changes).isGreaterThanOrEqualTo(4);
    }

    @Test
    void asksRedisOnceALookWhileTenThousandSchedulesWait() {
        SchedulesRig rig =
                rig(new AtomicLong(Instant.parse("2026-06-01T12:00:00Z").toEpochMilli()));
        clear(rig);
        List<Schedule> many = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            many.add(Schedule.cron("w-" + i, i % 60 + " " + i % 24 + " * * *", ZoneOffset.UTC, job()));
        }
        rig.schedules.define("many", many);
        rig.schedules.round();
        double[] stats = scripts(rig);
        long before = rig.commands();
        int looks = 200;
        long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < looks; i++) {
            rig.schedules.round();
        }
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
        // a script counts itself and the three commands in it; the two INFO are not looks
        long commands = rig.commands() - before - 1;
        double[] after = scripts(rig);
        System.out.println("idle look over 10,000 schedules: commands=" + commands / (double) looks
                + " (script and what it calls), Redis us=" + (after[1] - stats[1]) / (after[0] - stats[0])
                + ", client CPU us=" + cpu / 1_000 / looks);
        assertThat(commands).isLessThanOrEqualTo(4L * looks);
        Object bytes = List.of("names", "defs", "states", "due").stream()
                .mapToLong(key -> (Long) rig.redis
                        .await(rig.redis.command(
                                "MEMORY", new Call(64).arg("USAGE").arg("pk:schedule:{all}:" + key)))
                        .get(0))
                .sum();
        System.out.println("bytes of 10,000 schedules in Redis: " + bytes);
    }

    /** Calls and microseconds of all scripts so far. */
    private static double[] scripts(SchedulesRig rig) {
        Call call = new Call(32).arg("commandstats");
        String all = Redis.text(rig.redis.await(rig.redis.command("INFO", call)).get(0));
        Matcher found =
                Pattern.compile("cmdstat_evalsha:calls=(\\d+),usec=(\\d+)").matcher(all);
        assertThat(found.find()).isTrue();
        return new double[] {Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2))};
    }

    @Test
    void firesAThousandThatAreDueAtOnce() {
        SchedulesRig rig =
                rig(new AtomicLong(Instant.parse("2026-06-01T12:00:00Z").toEpochMilli()));
        clear(rig);
        List<Schedule> many = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            many.add(Schedule.cron("h-" + i, "5 12 * * *", ZoneOffset.UTC, job())
                    .overlap(i % 2 == 0 ? Overlap.SKIP : Overlap.ALLOW));
        }
        rig.schedules.define("many", many);
        rig.advance(Duration.ofMinutes(5));
        long began = System.nanoTime();
        assertThat(rig.schedules.round()).isEqualTo(1_000);
        System.out.println("1,000 due at once: millis=" + (System.nanoTime() - began) / 1_000_000);
        assertThat(rig.queue(QUEUE).counts().waiting()).isEqualTo(1_000);
    }

    @Test
    void firesSoonAfterItsTimeByTheClockOfRedis() {
        SchedulesRig rig = rig(null);
        clear(rig);
        rig.schedules.start();
        rig.schedules.put(null, Schedule.cron("second", "* * * * * *", ZoneOffset.UTC, job()));
        await().until(() -> rig.waiting(QUEUE).size() >= 8);
        List<Long> late = new ArrayList<>();
        for (Job job : rig.waiting(QUEUE)) {
            Instant run = Instant.parse(job.options().metadata().get("run"));
            late.add(Duration.between(run, job.createdAt()).toMillis());
        }
        late.sort(null);
        System.out.println("due to enqueued, millis: " + late);
        assertThat(late.get(late.size() / 2)).isLessThan(5_000); // 2 to 4 on a quiet machine
    }
}
