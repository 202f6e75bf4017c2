package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class TokenCommandTest {
    @Test
    void makesListsAndRevokes(Rig rig, @TempDir Path dir) throws IOException {
        Shell shell = Shell.at(rig);
        Shell.Result made =
                shell.run("token", "create", "ci", "--role", "viewer", "--queue", "mail-*", "--expires", "30d");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out().strip()).matches("pk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}");
        assertThat(made.err())
                .contains("not shown again")
                .doesNotContain(made.out().strip());
        String id = made.out().substring(3, 19);
        Shell.Result list = shell.run("token", "list");
        assertThat(list.out())
                .contains(id)
                .contains("mail-*")
                .doesNotContain(made.out().strip());
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        Path file = Files.writeString(dir.resolve("token"), made.out());
        Shell.Result theirs =
                new Shell().with("PENSTOCK_URL", rig.url()).run("--token-file", file.toString(), "token", "list");
        assertThat(theirs.code()).isEqualTo(5);
        assertThat(theirs.err()).contains("admin").contains("viewer");
        assertThat(shell.run("token", "revoke", id).code()).isEqualTo(2); // nobody to confirm
        assertThat(shell.run("token", "revoke", id, "--dry-run").out()).contains("would revoke token " + id);
        assertThat(shell.run("token", "revoke", id, "--yes").code()).isZero();
        assertThat(shell.run("token", "revoke", id, "--yes").code()).isEqualTo(3);
        assertThat(new Shell()
                        .with("PENSTOCK_URL", rig.url())
                        .run("--token-file", file.toString(), "queue", "list")
                        .code())
                .isEqualTo(5);
    }

    @Test
    void refusesWhatIsNoRole(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("token", "create", "x", "--role", "boss").err()).contains("viewer");
        assertThat(shell.run("token", "create", "x").code()).isEqualTo(2);
        assertThat(shell.run("token", "create", "x", "--role", "viewer", "-o", "json")
                        .json()
                        .path("token")
                        .asText())
                .startsWith("pk_");
    }
}
