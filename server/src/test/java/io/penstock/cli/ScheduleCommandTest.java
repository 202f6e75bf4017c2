package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class ScheduleCommandTest {
    @Test
    void setsShowsRunsAndDeletes(Rig rig) {
        Shell shell = Shell.at(rig);
        Shell.Result set = shell.run(
                "schedule",
                "set",
                "cli-nightly",
                "--cron",
                "30 2 * * *",
                "--type",
                "nobody.does",
                "--queue",
                "sched-cli",
                "--payload",
                "{\"n\":1}",
                "zone=Europe/Berlin",
                "overlap=skip",
                "skip=SUN,--12-25",
                "catchUp=3");
        assertThat(set.code()).as(set.err()).isZero();
        assertThat(set.out()).contains("at 02:30 every day (Europe/Berlin)").contains("catch-up");
        Shell.Result change = shell.run("schedule", "set", "cli-nightly", "--every", "6h", "misfire=skip", "skip=");
        assertThat(change.code()).as(change.err()).isZero();
        JsonNode now = shell.run("schedule", "get", "cli-nightly", "-o", "json").json();
        assertThat(now.path("every").asText()).isEqualTo("6h");
        assertThat(now.path("skip")).isEmpty();
        assertThat(now.path("overlap").asText()).isEqualTo("skip");
        assertThat(now.at("/job/payload/n").asInt()).isEqualTo(1);

        Shell.Result list = shell.run("schedule", "list");
        assertThat(list.out()).contains("cli-nightly").contains("every 6 hours").contains("in 5h");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        Shell.Result run = shell.run("schedule", "run", "cli-nightly");
        assertThat(run.out().strip()).startsWith("sched-cli-");
        Shell.Result get = shell.run("schedule", "get", "cli-nightly");
        assertThat(get.out()).contains("by-hand").contains(run.out().strip());
        assertThat(shell.run("schedule", "pause", "cli-nightly").out()).contains("is paused");
        assertThat(shell.run("schedule", "resume", "cli-nightly").out()).contains("is active, next ");
        assertThat(shell.run("schedule", "delete", "cli-nightly").code()).isEqualTo(2); // nobody to confirm
        assertThat(shell.run("schedule", "delete", "cli-nightly", "--yes").code())
                .isZero();
        assertThat(shell.run("schedule", "get", "cli-nightly").code()).isEqualTo(3);
    }

    @Test
    void previewsWhatIsAsked(Rig rig) {
        Shell shell = Shell.at(rig);
        Shell.Result cron = shell.run(
                "schedule",
                "preview",
                "0 9 * * MON#1",
                "--zone",
                "Asia/Shanghai",
                "--from",
                "2026-01-01T00:00:00Z",
                "--count",
                "2");
        assertThat(cron.out()).contains("2026-01-05T01:00:00Z").contains("2026-02-02T09:00+08:00");
        assertThat(cron.err()).contains("at 09:00 on the first Monday of the month (Asia/Shanghai)");
        assertThat(cron.out().lines()).hasSize(3).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("schedule", "preview", "15m", "-o", "json").json().path("runs"))
                .hasSize(10);
        assertThat(shell.run("schedule", "preview", "nothing-there").code()).isEqualTo(3);
        Shell.Result bad = shell.run("schedule", "preview", "0 25 * * *");
        assertThat(bad.code()).isEqualTo(2);
        assertThat(bad.err()).contains("hour 25 is outside 0 to 23");
        assertThat(shell.run("schedule", "set", "cli-bad", "--every", "1h").err())
                .contains("--type");
        assertThat(shell.run("schedule", "set", "cli-bad", "--every", "1h", "--cron", "* * * * *")
                        .code())
                .isEqualTo(2);
    }
}
