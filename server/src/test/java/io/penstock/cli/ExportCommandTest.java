package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class ExportCommandTest {
    private final String queue = Rig.queue();

    @Test
    void writesWhatImportTakesInOnce(Rig rig, @TempDir Path dir) throws Exception {
        String exact = "{\"id\":12345678901234567890.10}";
        rig.enqueue(
                queue,
                "{\"type\":\"never.runs\",\"payload\":" + exact + ",\"priority\":\"high\",\"metadata\":{\"a\":\"b\"}}");
        rig.enqueue(
                queue,
                "{\"type\":\"never.runs\",\"runAt\":\"2099-01-01T00:00:00Z\",\"group\":\"acme\",\"maxAttempts\":7}");
        String failed =
                rig.enqueue(queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"no\"}}");
        await().until(() -> rig.job(failed).path("state").asText(), "failed"::equals);
        Shell.Result export = Shell.at(rig).run("export", "jobs", "--queue", queue);
        assertThat(export.code()).isZero();
        assertThat(export.out()).contains(exact).contains("2099-01-01").contains("\"error\":{\"type\":");
        assertThat(export.err()).contains("written");
        Path file = Files.writeString(dir.resolve("jobs.ndjson"), export.out());
        long lines = export.out().lines().count();
        String there = Rig.queue();
        JsonNode first = Shell.at(rig)
                .run("import", "jobs", file.toString(), "--queue", there, "-o", "json")
                .json();
        assertThat(first.path("accepted").asLong()).isEqualTo(lines);
        JsonNode second = Shell.at(rig)
                .piping(export.out())
                .run("import", "jobs", "-", "--queue", there, "-o", "json")
                .json();
        assertThat(second.path("accepted").asLong()).isZero();
        assertThat(second.path("duplicates").asLong()).isEqualTo(lines);
        assertThat(rig.get("/api/v1/jobs?queue=" + there + "&state=delayed").text())
                .contains("2099-01-01", "acme");
        assertThat(rig.get("/api/v1/jobs?queue=" + there + "&state=failed").text())
                .contains("\"no\"");
    }

    @Test
    void saysWhatItCannotRead(Rig rig) {
        assertThat(Shell.at(rig).run("import", "jobs", "/no/such/file").code()).isEqualTo(3);
        assertThat(Shell.at(rig).piping("[1]\n").run("import", "jobs", "-").code())
                .isEqualTo(1);
        assertThat(Shell.at(rig).run("export", "jobs", "--state", "odd").code()).isEqualTo(2);
    }
}
