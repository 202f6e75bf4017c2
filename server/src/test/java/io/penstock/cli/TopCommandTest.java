package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class TopCommandTest {
    @Test
    void saysWhatToDoWithoutATerminal(Rig rig) {
        Shell.Result top = Shell.at(rig).run("top");
        assertThat(top.code()).isEqualTo(2);
        assertThat(top.out()).isEmpty();
        assertThat(top.err()).contains("penstock top --once");
        assertThat(Shell.at(rig).run("top", "-o", "json").code()).isEqualTo(2);
    }

    @Test
    void printsOneFrame(Rig rig) {
        Shell.Result top = Shell.at(rig).run("top", "--once");
        assertThat(top.code()).isZero();
        assertThat(top.out().lines().count()).isEqualTo(24);
        assertThat(top.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(top.out()).contains("memory  ", "redis   ", "QUEUE").doesNotContain("\033");
        Shell.Result wide = Shell.at(rig).with("COLUMNS", "140").run("top", "--once");
        assertThat(wide.out()).contains("WAIT99", "BYTES");
        assertThat(new Shell().run("-u", "http://127.0.0.1:1", "top", "--once").code())
                .isEqualTo(6);
    }
}
