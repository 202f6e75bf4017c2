package io.penstock.queue;

import io.penstock.embedded.EmbeddedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Histories} with groups, keys and limits at random. */
final class GateModelTest {
    private static final long OPERATIONS = Long.getLong("penstock.model.operations", 60_000);
    private static final Histories HISTORIES = new Histories("GateModelTest", true);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsEveryLimitAndLeavesNobodyWaitingWhoHasRoom(boolean bundled) throws Exception {
        try (EmbeddedRedis server = QueueModelTest.server(bundled)) {
            HISTORIES.behave(server.uri(), "takes", OPERATIONS / Histories.STEPS, false);
        }
    }

    @Test
    void changesNothingWhenEveryScriptIsSentTwice() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .persistence(false)
                        .unixSocket(false)
                        .start();
                TwiceProxy proxy = new TwiceProxy(server.uri())) {
            HISTORIES.behave(proxy.uri(), "sends twice", OPERATIONS / Histories.STEPS / 10, true);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mendsWhatLostKeysLeaveBehind(boolean bundled) throws Exception {
        try (EmbeddedRedis server = QueueModelTest.server(bundled)) {
            HISTORIES.loseKeys(server.uri(), "loses keys", OPERATIONS / 400);
        }
    }
}
