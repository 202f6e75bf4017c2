package io.penstock.server.caller;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SessionsTest {
    private final Sessions sessions = new Sessions("token-token-token", Clock.system());

    @Test
    void knowsWhatItMade() {
        assertThat(sessions.find(sessions.open(""))).isNotNull();
        assertThat(sessions.open("")).isNotEqualTo(sessions.open(""));
    }

    @Test
    void knowsTheProofsOfServersWithTheSameTokenOnly() {
        String proof = new Sessions("token-token-token", Clock.system()).open("");
        assertThat(sessions.find(proof)).isNotNull();
        assertThat(new Sessions("another-token-of-16", Clock.system()).find(proof))
                .isNull();
    }

    @Test
    void refusesWhatWasChanged() {
        String proof = sessions.open("");
        List<String> forged = new ArrayList<>(List.of("", ".", "..", "a.b", "a.b.c", proof + "a", "x".repeat(5_000)));
        for (int i = 0; i < proof.length() - 1; i++) { // the last character holds bits that Base64 does not use
            char other = proof.charAt(i) == 'A' ? 'B' : 'A';
            forged.add(proof.substring(0, i) + other + proof.substring(i + 1));
        }
        assertThat(forged)
                .allSatisfy(each -> assertThat(sessions.find(each)).as(each).isNull());
    }

    @Test
    void forgetsWhatWasEnded() {
        String proof = sessions.open("");
        String other = sessions.open("");
        sessions.end(java.util.Objects.requireNonNull(sessions.find(proof)));
        assertThat(sessions.find(proof)).isNull();
        assertThat(sessions.find(other)).isNotNull();
    }
}
