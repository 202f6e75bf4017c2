package io.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class RespConnectionTest {
    private final Deadline deadline = Deadline.in(Duration.ofSeconds(5));

    @Test
    void readsEveryKindOfReply(EmbeddedRedis redis) throws IOException {
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            assertThat(connection.call(deadline, "PING")).hasToString("Reply[type=+, text=PONG]");
            assertThat(connection.call(deadline, "ECHO", "mäh\r\n")).hasToString("Reply[type=$, text=mäh\r\n]");
            assertThat(connection.call(deadline, "GET", "no such key")).hasToString("Reply[type=$, text=]");
            assertThat(connection.call(deadline, "DEL", "no such key")).hasToString("Reply[type=:, text=0]");
            assertThat(connection.call(deadline, "NONSENSE").isError()).isTrue();
            assertThat(connection.call(deadline, "INFO").text()).contains("redis_version:");
        }
    }

    @Test
    void waitsNoLongerThanItsDeadline(EmbeddedRedis redis) throws IOException {
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            assertThatThrownBy(() -> connection.call(Deadline.in(Duration.ofMillis(50)), "BLPOP", "no such list", "0"))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void refusesARepliesAboveItsBound(EmbeddedRedis redis) throws IOException {
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            connection.call(deadline, "SETRANGE", "RespConnectionTest", "70000", "x");
            assertThatThrownBy(() -> connection.call(deadline, "GET", "RespConnectionTest"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("70001 bytes, above 65536");
        }
    }

    @Test
    void refusesWhatItDoesNotUnderstand(EmbeddedRedis redis) throws IOException {
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            assertThatThrownBy(() -> connection.call(deadline, "KEYS", "no such key"))
                    .hasMessageContaining("Not a Redis reply");
        }
    }

    @Test
    void noticesThatTheServerHangsUp(EmbeddedRedis redis) throws IOException {
        try (var connection = RespConnection.open(redis.endpoint(), deadline)) {
            connection.call(deadline, "QUIT");
            assertThatThrownBy(() -> connection.call(deadline, "PING"))
                    .isInstanceOfAny(EOFException.class, IOException.class);
        }
    }
}
