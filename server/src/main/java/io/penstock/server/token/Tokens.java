package io.penstock.server.token;

import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Holders;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that were given out, as a copy of what Redis says that is seconds old at most.
 *
 * <p>A request is decided by the copy and costs no round trip. Every {@link #LOOK} one small command asks whether anything
 * changed; only then all are read. While Redis is away the copy goes on for {@link #LIFE}: a token that was revoked
 * elsewhere meanwhile works no longer than that. Bound: {@value TokenStore#MOST} tokens, about 0.5 MB. Threads: safe;
 * nothing waits but what changes tokens.
 */
public final class Tokens extends Service implements Holders {
    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    /** A token that was made or revoked at another server is so here after this. */
    static final Duration LOOK = Duration.ofSeconds(2);

    /** How long the copy is believed while Redis is away: a failover is over by then. */
    static final Duration LIFE = Duration.ofMinutes(1);

    /** Last uses are written this often, however often a token is used. */
    private static final long USE_MILLIS = Duration.ofMinutes(1).toMillis();

    private final TokenStore store;
    private final Clock clock;
    private final Timer timer;
    private final Redis redis;
    private final Outage outage;
    private volatile Copy copy = new Copy("", Map.of());
    private volatile long believedUntilNanos;
    private @Nullable Task look;

    /** What Redis said. */
    private record Copy(String version, Map<String, Held> tokens) {}

    /** A token with its last use here. */
    static final class Held {
        final Token token;
        final Caller caller;
        final AtomicLong usedMillis = new AtomicLong();
        private long writtenMillis; // of the timer

        Held(Token token) {
            this.token = token;
            this.caller = token.caller();
        }
    }

    public Tokens(Redis redis, Clock clock, Timer timer) {
        this.store = new TokenStore(redis);
        this.redis = redis;
        this.clock = clock;
        this.timer = timer;
        this.outage = new Outage(LOG, clock, "reading the tokens");
        this.believedUntilNanos = clock.nanos();
    }

    /** Returns what is asked over HTTP. */
    public List<Route> routes() {
        return new TokenApi(this, store, clock).routes();
    }

    @Override
    protected void onStart() {
        try {
            reload(); // so that nobody is refused in the first moment
        } catch (RedisException away) {
            outage.failed(away);
        }
        look = timer.every("tokens", LOOK, this::look);
    }

    @Override
    protected void onStop() {
        if (look != null) {
            look.close();
        }
    }

    /** Returns what the tokens that were read last are called; it changes with every change. */
    String version() {
        return copy.version();
    }

    /** Reads all anew; waits for Redis, at most its timeout. */
    void reload() {
        long asked = clock.nanos();
        apply(redis.await(store.all()));
        believe(asked);
    }

    private void look() {
        long asked = clock.nanos();
        store.version()
                .thenCompose(version -> {
                    if (version.equals(copy.version())) {
                        return CompletableFuture.<@Nullable Void>completedStage(null);
                    }
                    return store.all().<@Nullable Void>thenApply(all -> {
                        apply(all);
                        return null;
                    });
                })
                .whenComplete((done, away) -> {
                    if (away == null) {
                        outage.worked();
                        believe(asked);
                        writeUses();
                    } else {
                        outage.failed(away);
                    }
                });
    }

    private void believe(long askedNanos) {
        believedUntilNanos = askedNanos + LIFE.toNanos();
    }

    private synchronized void apply(Map<String, byte[]> all) {
        Map<String, Held> next = new HashMap<>();
        byte[] version = all.get(TokenStore.VERSION);
        all.forEach((id, stored) -> {
            Held known = copy.tokens().get(id);
            if (known != null) {
                next.put(id, known); // a token is never changed, only made and taken back
            } else if (id.matches(Token.ID)) {
                add(next, id, stored);
            }
        });
        copy = new Copy(version == null ? "" : Redis.text(version), next);
    }

    private static void add(Map<String, Held> tokens, String id, byte[] stored) {
        try {
            tokens.put(id, new Held(Token.parse(id, stored)));
        } catch (Problem foreign) {
            LOG.warn("token={} is not one that this version knows; it is refused; revoke it and make another", id);
        }
    }

    private void writeUses() {
        Map<String, Long> used = new HashMap<>();
        long now = clock.millis();
        copy.tokens().forEach((id, held) -> {
            long last = held.usedMillis.get();
            if (last > held.writtenMillis && now - held.writtenMillis >= USE_MILLIS) {
                held.writtenMillis = now;
                used.put(id, last);
            }
        });
        if (!used.isEmpty()) {
            store.use(used); // lost while Redis is away: it is written again after the next use
        }
    }

    @Override
    public @Nullable Caller of(String token) {
        String id = Token.id(token);
        if (id == null) {
            return null;
        }
        Held held = find(id);
        return held != null && held.token.matches(token) ? used(held) : null;
    }

    @Override
    public @Nullable Caller ofId(String id) {
        Held held = find(id);
        return held == null ? null : used(held);
    }

    @Override
    public @Nullable String id(String token) {
        return Token.id(token);
    }

    private @Nullable Held find(String id) {
        if (clock.nanos() - believedUntilNanos > 0) {
            throw Problem.later(
                    ProblemType.REDIS_UNREACHABLE,
                    "Redis has not told for " + LIFE.toSeconds() + " s which tokens there are, so this one was not"
                            + " accepted; nothing was done; ask again once Redis is back, or use the server's own token",
                    LOOK);
        }
        Held held = copy.tokens().get(id);
        return held == null || held.token.over(clock.millis()) ? null : held;
    }

    private Caller used(Held held) {
        held.usedMillis.set(clock.millis());
        return held.caller;
    }

    /** Returns all, in no order. */
    List<Token> all() {
        return copy.tokens().values().stream().map(held -> held.token).toList();
    }

    /** Waits for Redis, at most its timeout. */
    <T> T await(CompletionStage<T> stage) {
        return redis.await(stage);
    }

    /** Returns when a token was used last here, in milliseconds; 0 = not since this process knows it. */
    long usedMillis(String id) {
        Held held = copy.tokens().get(id);
        return held == null ? 0 : held.usedMillis.get();
    }
}
