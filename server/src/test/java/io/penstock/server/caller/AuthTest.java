package io.penstock.server.caller;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Problem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthTest {
    private final Auth auth =
            new Auth("pk_correct-horse", new Sessions("pk_correct-horse", Clock.system()), Holders.NONE);

    @ParameterizedTest
    @ValueSource(strings = {"Bearer pk_correct-horse", "bearer pk_correct-horse", "Bearer   pk_correct-horse "})
    void passesTheToken(String header) {
        assertThatCode(() -> auth.check(header)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "pk_correct-horse",
                "Basic pk_correct-horse",
                "Bearer pk_correct-hors",
                "Bearer pk_correct-horses",
                "Bearer PK_correct-horse"
            })
    void refusesAnythingElse(String header) {
        assertThatThrownBy(() -> auth.check(header))
                .isInstanceOf(Problem.class)
                .hasMessageNotContaining("correct-horse\"");
    }
}
