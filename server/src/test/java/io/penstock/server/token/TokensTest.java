package io.penstock.server.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.runtime.Clock;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Role;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The copy of the tokens alone, by a clock that the test moves. */
@ExtendWith(RigExtension.First.class)
@SuppressWarnings("try") // closed early, which is the point
final class TokensTest {
    private static final TokenWish FOREVER = new TokenWish("t", Role.OPERATOR, List.of("mail-*"), null);

    private final AtomicLong ahead = new AtomicLong();
    private final Clock clock = new Clock() {
        @Override
        public long nanos() {
            return Clock.system().nanos() + ahead.get();
        }

        @Override
        public long millis() {
            return Clock.system().millis() + ahead.get() / 1_000_000;
        }
    };

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    @Test
    void goesOnForAWhileWithoutRedisAndNoLonger() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(redis.uri());
                Tokens tokens = new Tokens(penstock.redis(), clock, penstock.timer())) {
            Token.Fresh fresh = Token.make(FOREVER, now());
            new TokenStore(penstock.redis()).add(fresh.token(), TokenStore.ANY);
            tokens.start();
            assertThat(tokens.of(fresh.text())).isNotNull();
            redis.close();
            assertThat(tokens.of(fresh.text())).isNotNull();
            ahead.set(Tokens.LIFE.plusSeconds(1).toNanos());
            assertThatThrownBy(() -> tokens.of(fresh.text()))
                    .isInstanceOf(Problem.class)
                    .extracting(refused -> ((Problem) refused).type())
                    .isEqualTo(ProblemType.REDIS_UNREACHABLE);
            assertThat(tokens.of("not shaped as a token at all")).isNull();
        }
    }

    @Test
    void writesLastUsesNowAndThen() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(redis.uri());
                Tokens tokens = new Tokens(penstock.redis(), clock, penstock.timer())) {
            TokenStore store = new TokenStore(penstock.redis());
            Token.Fresh fresh = Token.make(FOREVER, now());
            store.add(fresh.token(), TokenStore.ANY);
            tokens.start();
            String id = fresh.token().id();
            assertThat(tokens.ofId(id)).isNotNull();
            await().until(() -> penstock.redis().await(store.used()).containsKey(id));
            byte[] first = penstock.redis().await(store.used()).get(id);
            ahead.set(Duration.ofSeconds(90).toNanos());
            await().ignoreExceptions().until(() -> {
                tokens.ofId(id);
                return !java.util.Arrays.equals(
                        first, penstock.redis().await(store.used()).get(id));
            });
        }
    }

    @Test
    void refusesATokenOnceItIsOver() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(redis.uri());
                Tokens tokens = new Tokens(penstock.redis(), clock, penstock.timer())) {
            TokenWish hour = new TokenWish("t", Role.VIEWER, List.of(), Duration.ofHours(1));
            Token.Fresh fresh = Token.make(hour, now());
            new TokenStore(penstock.redis()).add(fresh.token(), TokenStore.ANY);
            tokens.start();
            assertThat(tokens.of(fresh.text())).isNotNull();
            ahead.set(Duration.ofHours(2).toNanos());
            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(tokens.of(fresh.text())).isNull());
        }
    }

    @Test
    void seesTheQueuesOfItsPatternsOnly() {
        Token token = Token.make(new TokenWish("t", Role.VIEWER, List.of("mail-*", "sms"), null), Instant.now())
                .token();
        assertThat(token.caller().sees("mail-1")).isTrue();
        assertThat(token.caller().sees("mail-")).isTrue();
        assertThat(token.caller().sees("sms")).isTrue();
        for (String other : List.of("mail", "smss", "sm", "email-1", "Mail-1", "")) {
            assertThat(token.caller().sees(other)).as(other).isFalse();
        }
    }

    @Test
    void readsBackWhatItStored() {
        Token token = Token.make(
                        new TokenWish("t", Role.WORKER, List.of("a", "b-*"), Duration.ofDays(1)),
                        Instant.ofEpochMilli(1_700_000_000_000L))
                .token();
        assertThat(Token.parse(token.id(), token.stored())).isEqualTo(token);
        assertThatThrownBy(
                        () -> Token.parse("x", "{\"name\":\"t\",\"role\":\"root\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Problem.class);
    }
}
