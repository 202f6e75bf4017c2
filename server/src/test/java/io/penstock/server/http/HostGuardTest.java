package io.penstock.server.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.server.wire.Problem;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostGuardTest {
    private final HostGuard guard = new HostGuard(Set.of("Jobs.Example"), false);

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:3001", "127.0.0.1:1", "[::1]:3001", "[::1]", "jobs.example:3001"})
    void knowsItsNames(String host) {
        assertThatCode(() -> guard.check(host)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "localhost.evil.example",
                "127.0.0.1.evil.example:3001",
                "evil@localhost",
                "[::1].evil",
                "localhost,evil"
            })
    void refusesOthers(String host) {
        assertThatThrownBy(() -> guard.check(host))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("not a name of this server");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example"})
    void takesAnyWhereTheOperatorSaysSo(String host) {
        assertThatCode(() -> new HostGuard(Set.of(), true).check(host)).doesNotThrowAnyException();
    }
}
