package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class LimitCommandTest {
    @Test
    void setsListsAndDeletes(Rig rig) {
        Shell shell = Shell.at(rig);
        Shell.Result set = shell.run("limit", "set", "cli", "10/1m", "--kind", "bucket", "--burst", "3");
        assertThat(set.code()).as(set.err()).isZero();
        assertThat(set.out()).contains("bucket").contains("operator");
        Shell.Result list = shell.run("limit", "list");
        assertThat(list.out()).contains("cli");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("limit", "list", "-o", "json").out()).contains("\"burst\":3");
        assertThat(shell.run("limit", "delete", "cli").code()).isEqualTo(2); // nobody to confirm
        assertThat(shell.run("limit", "delete", "cli", "--dry-run").out()).contains("would delete limit cli");
        assertThat(shell.run("limit", "delete", "cli", "--yes").code()).isZero();
        assertThat(shell.run("limit", "delete", "cli", "--yes").code()).isEqualTo(3);
    }

    @Test
    void refusesWhatIsNoLimit(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("limit", "set", "cli2", "ten").code()).isEqualTo(2);
        assertThat(shell.run("limit", "set", "cli2", "10/1m", "--kind", "sieve").err())
                .contains("window, bucket, concurrency");
        assertThat(shell.run("limit", "set", "cli2", "10/1m", "--kind", "concurrency", "--queue", "q")
                        .code())
                .isEqualTo(2);
    }
}
