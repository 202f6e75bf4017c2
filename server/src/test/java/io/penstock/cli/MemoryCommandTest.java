package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process optimises, and all of these ask it
final class MemoryCommandTest {
    @Test
    void showsTheStateWithin80Columns(Rig rig) {
        Shell.Result status = Shell.at(rig).run("memory", "status");
        assertThat(status.code()).isIn(0, 10);
        assertThat(status.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(status.out())
                .contains("load line  [")
                .contains("live set")
                .contains("RSS")
                .contains("trend")
                .contains("leak")
                .contains("last run");
        assertThat(Shell.at(rig)
                        .run("memory", "status", "-o", "json")
                        .json()
                        .at("/sample/heapUsedBytes")
                        .asLong())
                .isPositive();
        assertThat(Shell.at(rig)
                        .run("memory", "watch", "--count", "2", "--period", "100ms")
                        .out())
                .containsPattern("(?s)load line.*load line");
        assertThat(Shell.at(rig).run("memory").code()).isEqualTo(2);
    }

    @Test
    void showsPastAndTrend(Rig rig) {
        Shell.Result history = Shell.at(rig).run("memory", "history", "--from", "15m");
        assertThat(history.code()).isZero();
        assertThat(history.out()).contains("RSS").contains("MB");
        assertThat(Shell.at(rig).run("memory", "history", "--from", "soon").code())
                .isEqualTo(2);
        assertThat(Shell.at(rig).run("memory", "trend").out())
                .contains(" floors "); // known or not, by how many collections the run has had
        assertThat(Shell.at(rig)
                        .run("memory", "trend", "-o", "json")
                        .json()
                        .path("known")
                        .isBoolean())
                .isTrue();
    }

    @Test
    void freesAndShowsWhatWasMeasured(Rig rig) {
        Shell shell = Shell.at(rig);
        Shell.Result run = shell.run("memory", "optimize", "--strategy", "preventive", "--reason", "test", "--force");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("live set").contains("freed").contains("->");
        assertThat(shell.run("memory", "optimize").code()).isEqualTo(7);
        assertThat(shell.run("memory", "optimize", "--strategy", "hard").code()).isEqualTo(2);
        assertThat(shell.run("memory", "optimize", "--dry-run").out()).contains("would optimize");
        assertThat(shell.run("memory", "optimize", "--list").out()).contains("preventive");
    }

    @Test
    void takesSnapshotsAndHistograms(Rig rig) {
        Shell shell = Shell.at(rig);
        JsonNode snapshot = shell.run("memory", "snapshot", "-o", "json").json();
        String id = snapshot.path("id").asText();
        assertThat(shell.run("memory", "snapshot", "--list").out()).contains(id);
        assertThat(shell.run("memory", "snapshot", id, "-o", "json").json()).isEqualTo(snapshot);
        assertThat(shell.run("memory", "snapshot", "nothing").code()).isEqualTo(3);
        Shell.Result histogram = shell.run("memory", "histogram", "--top", "5");
        assertThat(histogram.err()).contains("stopping the server for about");
        assertThat(histogram.out()).contains("byte[]");
        assertThat(shell.run("memory", "histogram", "--dry-run").out()).contains("would stop");
    }

    @Test
    void changesThePolicyAndTakesItBack(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("memory", "policy", "set", "threshold=77", "autoOptimization=false", "-o", "json")
                        .json()
                        .path("threshold")
                        .asInt())
                .isEqualTo(77);
        assertThat(shell.run("memory", "policy", "get").out()).contains("autoOptimization  false");
        assertThat(shell.run("memory", "policy", "set", "threshold=3").err()).contains("20 to 95");
        assertThat(shell.run("memory", "policy", "set", "treshold=80").err()).contains("did you mean");
        assertThat(shell.run("memory", "policy", "set", "threshold").code()).isEqualTo(2);
        assertThat(shell.run("memory", "policy", "set", "threshold=", "autoOptimization=", "-o", "json")
                        .json()
                        .at("/origins/threshold")
                        .asText())
                .isEqualTo("default");
    }
}
