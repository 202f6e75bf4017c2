package io.penstock.limit;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rate and concurrency limits of this process, counted in Redis together with all other processes.
 *
 * <p>A decision is one script, by the clock of Redis: atomic, one round trip, and a call that is sent again because its
 * answer was lost is charged once (a rate remembers the last 8 charges of a key; more of them lost at once, and each may
 * be charged again, which refuses rather too much). A key costs a bounded number of bytes, see {@link Limit.Kind}, and
 * expires by itself. There is no shortcut in the process: nothing but Redis knows what the others took.
 *
 * <p>Threads: safe; it has none of its own and nothing to close. Bound: 128 limits. An overflowing Redis counts as one
 * that is away.
 */
public final class Limits {
    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    /** With their tallies at most 2 MB. */
    static final int MOST_LIMITS = 128;

    /** Keys are addresses, users, tokens; longer ones would make the cost of a key theirs. */
    static final int MOST_KEY_BYTES = 200;

    /** When to come again while Redis is away; jittered over as much again. */
    private static final Duration AWAY_RETRY = Duration.ofSeconds(1);

    private final Redis redis;
    private final Clock clock;
    private final Outage outage;
    private final Map<String, Defined> defined = new ConcurrentHashMap<>();

    private record Defined(Limit limit, Tally tally) {}

    /** Limits that nobody has defined yet. */
    public Limits(Redis redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
        this.outage = new Outage(LOG, clock, "asking Redis for limits");
    }

    /**
     * Defines a limit or replaces the one of that name, whose counts go on.
     *
     * @throws IllegalStateException if there are 128 others
     */
    public synchronized void define(Limit limit) {
        Defined before = defined.get(limit.name());
        if (before == null && defined.size() >= MOST_LIMITS) {
            throw new IllegalStateException("limit " + limit.name() + " was not defined: there are " + defined.size()
                    + " of at most " + MOST_LIMITS + "; nothing was changed; use keys of one limit instead of limits");
        }
        defined.put(limit.name(), new Defined(limit, before == null ? new Tally() : before.tally));
    }

    /** Forgets a definition; its keys in Redis expire by themselves. */
    public synchronized boolean remove(String name) {
        return defined.remove(name) != null;
    }

    /** Returns the definition of that name. */
    public Optional<Limit> limit(String name) {
        return Optional.ofNullable(defined.get(name)).map(Defined::limit);
    }

    /** Returns what each limit has answered in this process, by name. */
    public List<LimitStats> stats() {
        return defined.values().stream()
                .map(one -> one.tally.stats(one.limit))
                .sorted(Comparator.comparing(stats -> stats.limit().name()))
                .toList();
    }

    /**
     * Asks for permits and waits for the answer: a round trip, at worst what {@link Redis#await} waits. While the
     * connection is known to be down it answers at once.
     *
     * @param key 1 to 200 bytes in UTF-8: who or what is counted
     * @param permits 1 to {@link Limit#mostACall}
     * @throws IllegalArgumentException for a limit that is not defined, or a key or number outside its bounds
     * @throws RedisException if Redis refuses us, as for a missing right; not if it is away or full
     */
    public Answer acquire(String name, String key, long permits) {
        CompletionStage<Answer> answer = ask(name, key, permits);
        try {
            return redis.await(answer);
        } catch (RedisException gaveUp) {
            // An interrupted caller never sees the permit that it may still be given.
            answer.thenAccept(late -> {
                if (late instanceof Answer.Allowed yes) {
                    yes.permit().close();
                }
            });
            throw gaveUp;
        }
    }

    /** Asks for permits as {@link #acquire} does, without waiting. */
    public CompletionStage<Answer> ask(String name, String key, long permits) {
        Defined one = find(name);
        check(one.limit, key, permits);
        CompletableFuture<Answer> result = new CompletableFuture<>();
        if (!redis.connected()) {
            result.complete(guess(one, key));
            return result;
        }
        decide(one.limit, key, permits).whenComplete((answer, error) -> {
            if (error == null) {
                outage.worked();
                one.tally.count(key, answer);
                result.complete(answer);
                return;
            }
            RedisException fault = Redis.unwrapped(error);
            if (fault instanceof RedisException.Unreachable || fault instanceof RedisException.Full) {
                outage.failed(fault);
                result.complete(guess(one, key));
            } else {
                result.completeExceptionally(fault);
            }
        });
        return result;
    }

    /**
     * Gives back what a call took of a rate and did not use: an estimate was taken, and the work has shown what it costs. Once a
     * call: a second refund of it gives nothing back (of the last 8 charges and refunds of a key; two of one call that are further
     * apart both count). What no longer counts is not given back; of a bucket, what flowed in meanwhile may be given back
     * with it.
     *
     * @param charge of {@link Permit#charge}
     * @param unused 0 to what was taken
     * @return permits given back; fails with a {@link RedisException} if Redis could not be asked, and then they are not
     * @throws IllegalArgumentException for a limit that is not defined or no rate any more, or a number outside its bounds
     */
    public CompletionStage<Long> refund(Charge charge, long unused) {
        Limit limit = find(charge.limit()).limit;
        Limit.check(
                unused >= 0 && unused <= charge.permits(),
                "permits given back to limit " + limit.name(),
                unused,
                "0 to the " + charge.permits() + " that were taken");
        Limit.check(
                limit.kind() != Limit.Kind.CONCURRENCY,
                "kind of limit " + limit.name(),
                limit.kind(),
                "a rate; permits that are held are released");
        if (unused == 0) {
            return CompletableFuture.completedFuture(0L);
        }
        String name = "!" + charge.call().substring(1); // no call is named so: see nonce
        Call call = new Call(256).key(stateKey(limit, charge.key()));
        call.arg(unused).arg(charge.takenMillis()).arg(name);
        if (limit.kind() == Limit.Kind.WINDOW) {
            call.arg(sliceMillis(limit));
        } else {
            call.arg(limit.burst()).arg(limit.permits()).arg(limit.per().toMillis());
        }
        return redis.eval(Scripts.REFUND, call).thenApply(reply -> (Long) reply.get(0));
    }

    /** Forgets what a key has taken, permits that are held included. */
    public CompletionStage<Boolean> reset(String name, String key) {
        Limit limit = find(name).limit;
        check(limit, key, 1);
        Call call = new Call(256).key(stateKey(limit, key));
        if (limit.kind() == Limit.Kind.CONCURRENCY) {
            call.key(permitsKey(limit, key));
        }
        return redis.command("DEL", call).thenApply(reply -> (Long) reply.get(0) > 0);
    }

    private Defined find(String name) {
        Defined one = defined.get(name);
        if (one == null) {
            throw new IllegalArgumentException("limit \"" + name + "\" is not defined, "
                    + defined.keySet().stream().sorted().limit(10).toList() + " are (of " + defined.size()
                    + "); nothing was counted; define it first");
        }
        return one;
    }

    private static void check(Limit limit, String key, long permits) {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        Limit.check(
                bytes >= 1 && bytes <= MOST_KEY_BYTES,
                "key of limit " + limit.name(),
                bytes + " bytes",
                "1 to " + MOST_KEY_BYTES + " bytes; take a digest of longer ones");
        Limit.check(
                permits >= 1 && permits <= limit.mostACall(),
                "permits asked of limit " + limit.name(),
                permits,
                "1 to " + limit.mostACall());
    }

    private CompletionStage<Answer> decide(Limit limit, String key, long permits) {
        Call call = new Call(256);
        String name = nonce(6);
        return switch (limit.kind()) {
            case WINDOW -> {
                call.key(stateKey(limit, key)).arg(permits).arg(limit.permits()).arg(sliceMillis(limit));
                yield redis.eval(Scripts.WINDOW, call.arg(name))
                        .thenApply(reply -> rated(limit, key, permits, name, reply));
            }
            case BUCKET -> {
                call.key(stateKey(limit, key)).arg(permits).arg(limit.burst()).arg(limit.permits());
                call.arg(limit.per().toMillis()).arg(name);
                yield redis.eval(Scripts.BUCKET, call).thenApply(reply -> rated(limit, key, permits, name, reply));
            }
            case CONCURRENCY -> {
                Permit.Holding holding = new Permit.Holding(this, limit, key, nonce(9), permits, clock.nanos());
                call.key(permitsKey(limit, key)).key(stateKey(limit, key));
                call.arg(permits)
                        .arg(limit.permits())
                        .arg(limit.per().toMillis())
                        .arg(holding.token());
                yield redis.eval(Scripts.PERMIT, call).thenApply(reply -> answer(reply, allowed(reply, holding)));
            }
        };
    }

    /** Rounded up, so that the window is never shorter than what was asked for. */
    private static long sliceMillis(Limit limit) {
        return (limit.per().toMillis() + Limit.SLICES - 1) / Limit.SLICES;
    }

    private Answer rated(Limit limit, String key, long permits, String name, List<Object> reply) {
        Permit permit = number(reply, 0) == 1
                ? new Permit(this, new Charge(limit.name(), key, permits, number(reply, 4), name))
                : Permit.NONE;
        return answer(reply, permit);
    }

    private static Permit allowed(List<Object> reply, Permit.Holding holding) {
        return number(reply, 0) == 1 ? new Permit(holding, number(reply, 4)) : Permit.NONE;
    }

    private static Answer answer(List<Object> reply, Permit permit) {
        long remaining = number(reply, 1);
        return number(reply, 0) == 1
                ? new Answer.Allowed(remaining, Duration.ofMillis(number(reply, 2)), permit, false)
                : new Answer.Denied(Duration.ofMillis(number(reply, 3)), remaining, false);
    }

    private static long number(List<Object> reply, int index) {
        return (Long) reply.get(index);
    }

    private Answer guess(Defined one, String key) {
        long jitter = ThreadLocalRandom.current().nextLong(AWAY_RETRY.toMillis());
        Answer answer = one.limit.away() == Limit.Away.OPEN
                ? new Answer.Allowed(0, one.limit.per(), Permit.NONE, true)
                : new Answer.Denied(AWAY_RETRY.plusMillis(jitter), 0, true);
        one.tally.count(key, answer);
        return answer;
    }

    /** Names one call, so that it is known when it comes again: it only has to differ from the others of its key. */
    private static String nonce(int bytes) {
        byte[] random = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }

    /**
     * All keys of one name and key share a hash tag, so they lie in one slot of a Cluster; others spread over all slots.
     * A limit that becomes one of another kind begins anew, and leaves keys that expire.
     */
    static byte[] stateKey(Limit limit, String key) {
        return Redis.utf8("pk:limit:{" + limit.name() + ":" + key + "}:"
                + switch (limit.kind()) {
                    case WINDOW -> "w";
                    case BUCKET -> "b";
                    case CONCURRENCY -> "c";
                });
    }

    static byte[] permitsKey(Limit limit, String key) {
        return Redis.utf8("pk:limit:{" + limit.name() + ":" + key + "}:p");
    }

    Redis redis() {
        return redis;
    }

    Clock clock() {
        return clock;
    }
}
