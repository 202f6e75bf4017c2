package io.penstock.queue;

import io.penstock.embedded.EmbeddedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Histories} of plain jobs, and of all that may be said of one. */
final class QueueModelTest {
    private static final long OPERATIONS = Long.getLong("penstock.model.operations", 110_000);
    private static final Histories HISTORIES = new Histories("QueueModelTest", false);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void behavesLikeItsReference(boolean bundled) throws Exception {
        try (EmbeddedRedis server = server(bundled)) {
            HISTORIES.behave(server.uri(), "on " + server.version(), OPERATIONS / Histories.STEPS, false);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mendsWhatLostKeysLeaveBehind(boolean bundled) throws Exception {
        try (EmbeddedRedis server = server(bundled)) {
            HISTORIES.loseKeys(server.uri(), "on " + server.version() + " loses keys", OPERATIONS / 500);
        }
    }

    @Test
    void changesNothingWhenEveryScriptIsSentTwice() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .persistence(false)
                        .unixSocket(false)
                        .start();
                TwiceProxy proxy = new TwiceProxy(server.uri())) {
            long count = OPERATIONS / Histories.STEPS / 15;
            HISTORIES.behave(proxy.uri(), "on " + server.version() + " sends twice", count, true);
        }
    }

    static EmbeddedRedis server(boolean bundled) {
        return EmbeddedRedis.builder().preferBundled(bundled).persistence(false).start();
    }
}
