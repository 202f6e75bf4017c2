package io.penstock.server.limit;

import io.penstock.limit.Answer;
import io.penstock.limit.Limit;
import io.penstock.limit.Limits;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.server.engine.Engine;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits that operators set, kept in one hash of Redis so that they outlive a server and hold for all of them.
 *
 * <p>Bound: those of {@link Limits}. Another server's change is seen within {@value #FRESH_SECONDS} s: one command in that
 * time. While Redis does not answer what is known holds. Threads: safe.
 */
public final class KeptLimits extends Service {
    private static final Logger LOG = LoggerFactory.getLogger(KeptLimits.class);
    private static final byte[] KEY = Redis.utf8("pk:limits");
    private static final int FRESH_SECONDS = 5;

    private final Engine engine;
    private final Limits limits;
    private final Outage outage;
    private final Map<String, SetLimit> set = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong(); // what was put or removed here
    private final AtomicInteger underway = new AtomicInteger();
    private @Nullable Task task;

    public KeptLimits(Engine engine) {
        this.engine = engine;
        this.limits = engine.limits();
        this.outage = new Outage(LOG, engine.clock(), "reading the limits that are set");
    }

    @Override
    protected void onStart() {
        engine.await(refresh());
        task = engine.timer().every("limits", Duration.ofSeconds(FRESH_SECONDS), () -> {
            var unused = refresh();
        });
    }

    @Override
    protected void onStop() {
        if (task != null) {
            task.close();
        }
    }

    /** Never fails: what is known holds. */
    private CompletionStage<Boolean> refresh() {
        return read().handle((done, failure) -> {
            if (failure == null) {
                outage.worked();
            } else if (running()) {
                outage.failed(Problem.cause(failure));
            }
            return failure == null;
        });
    }

    private CompletionStage<?> read() {
        long before = changes.get();
        return engine.redis().command("HGETALL", new Call(32).key(KEY)).thenAccept(reply -> take(reply, before));
    }

    /** An answer that was under way while something was set here is old, and another comes soon. */
    private synchronized void take(List<Object> reply, long before) {
        if (before != changes.get() || underway.get() > 0) {
            return;
        }
        RuntimeException first = null;
        Set<String> gone = new HashSet<>(set.keySet());
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            String name = Redis.text(reply.get(i));
            gone.remove(name);
            try {
                if (set.containsKey(name) || limits.limit(name).isEmpty()) { // a program's own goes before
                    define(SetLimit.read(name, (byte[]) reply.get(i + 1)));
                }
            } catch (Problem | IllegalArgumentException | IllegalStateException unreadable) {
                first = first == null ? unreadable : first; // of a later version, or one too many; the others hold
            }
        }
        gone.forEach(this::forget);
        if (first != null) {
            throw first;
        }
    }

    private synchronized void define(SetLimit wish) {
        String name = wish.limit().name();
        if (!wish.equals(set.get(name))) {
            limits.define(wish.limit());
            set.put(name, wish);
        }
    }

    private synchronized void forget(String name) {
        set.remove(name);
        limits.remove(name);
    }

    /**
     * Sets a limit for all servers.
     *
     * @throws Problem CONFLICT if the name is that of a program's own limit, or there are too many
     */
    void put(SetLimit wish) {
        String name = wish.limit().name();
        SetLimit before = set.get(name);
        refuseForeign(name);
        try {
            define(wish);
        } catch (IllegalStateException tooMany) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(tooMany.getMessage()));
        }
        boolean kept = false;
        try {
            write("HSET", new Call(256).key(KEY).arg(name).arg(wish.kept()));
            kept = true;
        } finally {
            if (!kept) {
                restore(name, before);
            }
        }
    }

    private void restore(String name, @Nullable SetLimit before) {
        if (before == null) {
            forget(name);
        } else {
            define(before);
        }
    }

    /** Takes a limit back for all servers; answers false if there is none. */
    boolean remove(String name) {
        refuseForeign(name);
        boolean was = (Long) write("HDEL", new Call(96).key(KEY).arg(name)).get(0) > 0;
        forget(name);
        return was;
    }

    /** Never under the lock: the answer comes on the thread that may want it for another. */
    private List<Object> write(String command, Call call) {
        underway.incrementAndGet();
        try {
            return engine.await(engine.redis().command(command, call));
        } finally {
            changes.incrementAndGet();
            underway.decrementAndGet();
        }
    }

    private void refuseForeign(String name) {
        if (!set.containsKey(name) && limits.limit(name).isPresent()) {
            throw Problem.of(
                    ProblemType.CONFLICT,
                    "limit \"" + Text.shown(name) + "\" is this program's own; nothing was changed; see the setting"
                            + " api.rate, or take another name");
        }
    }

    /** Returns the queue whose jobs need permits of this limit, or null. */
    @Nullable
    String queue(String name) {
        SetLimit known = set.get(name);
        return known == null ? null : known.queue();
    }

    /** Tells whether it was set here rather than by the program. */
    boolean knows(String name) {
        return set.containsKey(name);
    }

    /**
     * Takes permits for jobs that are to be added, where limits are set for their queue.
     *
     * @throws Problem RATE_LIMITED if there are none; nothing was added
     */
    public void pass(String queue, int jobs) {
        for (SetLimit each : set.values()) {
            if (queue.equals(each.queue())) {
                pass(each.limit(), queue, jobs);
            }
        }
    }

    private void pass(Limit limit, String queue, int jobs) {
        if (jobs > limit.mostACall()) {
            throw Problem.of(
                    ProblemType.TOO_LARGE,
                    jobs + " jobs for queue " + queue + " are more than limit " + limit.name()
                            + " ever allows at once, " + limit.mostACall() + "; none was added; send them in parts");
        }
        if (limits.acquire(limit.name(), queue, jobs) instanceof Answer.Denied no) {
            throw Problem.later(
                    ProblemType.RATE_LIMITED,
                    "queue " + queue + " takes no more jobs now: limit " + limit.name() + " of " + limit.permits()
                            + " in " + limit.per() + " is used up; nothing was added; come again in "
                            + no.retryAfter().toMillis() + " ms",
                    no.retryAfter());
        }
    }
}
