package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Schedules that lost a part of themselves fire again once fsck has been there. */
final class ScheduleFsckRedisTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
    private static EmbeddedRedis server;
    private static SchedulesRig rig;

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.builder().persistence(false).start();
        rig = new SchedulesRig(server.uri(), new AtomicLong(NOON.toEpochMilli()));
    }

    @AfterAll
    static void stop() {
        rig.close();
        server.close();
    }

    private static Schedule schedule(String id) {
        byte[] payload = "1".getBytes(StandardCharsets.UTF_8);
        return Schedule.cron(id, "* * * * *", ZoneOffset.UTC, new JobSpec("q" + id, "t", payload, JobOptions.NONE));
    }

    private static int firedInAMinute(String id) {
        int before = rig.waiting("q" + id).size();
        rig.runUntil(rig.now().plus(Duration.ofMinutes(1)));
        return rig.waiting("q" + id).size() - before;
    }

    @Test
    void makesSchedulesFireAgainThatLostTheirDueTimeTheirStateOrTheirName() {
        for (String id : List.of("due", "states", "names", "whole", "paused")) {
            assertThat(rig.schedules.put(null, schedule(id))).isTrue();
        }
        rig.schedules.pause("paused");
        rig.command("ZREM", "due", "due");
        rig.command("HDEL", "states", "states");
        rig.command("ZREM", "names", "names");
        rig.command("ZADD", "due", "5", "nobody");
        rig.command("ZADD", "names", "0", "stranger");
        assertThat(firedInAMinute("due")).isZero();

        assertThat(rig.schedules.fsck(false)).isEqualTo(new ScheduleCheck(6, 1, 3)); // one was met by a claim
        assertThat(rig.schedules.fsck(true).faults()).isEqualTo(4);
        assertThat(rig.schedules.fsck(true)).isEqualTo(new ScheduleCheck(5, 0, 0));

        rig.runUntil(rig.now().plus(Duration.ofMinutes(1))); // misfires
        for (String id : List.of("due", "states", "names", "whole")) {
            assertThat(firedInAMinute(id)).as(id).isEqualTo(1);
        }
        assertThat(firedInAMinute("paused")).isZero();
        assertThat(rig.schedules.list(null, 10).schedules()).hasSize(5);
        assertThat(rig.schedules.fsck(false).faults()).isZero();
    }
}
