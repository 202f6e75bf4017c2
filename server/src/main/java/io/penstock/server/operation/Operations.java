package io.penstock.server.operation;

import io.penstock.memory.MemoryLevel;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Service;
import io.penstock.server.engine.Engine;
import io.penstock.server.wire.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does operations, {@value #AT_ONCE} at once in turns, and goes on with those that a server left behind.
 *
 * <p>It rests as long as it works, so that at most about half of what Redis can do goes into it. Threads: one,
 * {@code penstock-operations}; it waits for Redis. Everything it holds is in Redis, too.
 */
public final class Operations extends Service {
    static final int AT_ONCE = 4;

    /** How long an operation that another server left waits to be found. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final Duration LONGEST_REST = Duration.ofMillis(250);
    private static final Duration SHORTEST_REST = Duration.ofMillis(1);

    /** While memory is short, or Redis does not answer. */
    private static final Duration LONG_REST = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    private final Engine engine;
    private final Ledger ledger;
    private final String token = random();
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean woken; // guarded by lock
    private boolean closing; // guarded by lock
    private boolean failedBefore;
    private long restNanos;
    private long lookNanos;

    /** Does operations over this engine once it is started. */
    public Operations(Engine engine) {
        this.engine = engine;
        this.ledger = new Ledger(engine.redis());
        this.lookNanos = engine.clock().nanos();
    }

    static String random() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 12);
    }

    @Override
    protected void onStart() {
        engine.threads().start("operations", this::loop);
    }

    @Override
    protected void onStop() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("operations={} did not stop in time; another server goes on with them", runs.keySet());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    Ledger ledger() {
        return ledger;
    }

    /** Puts one in line; false = there are too many. */
    boolean submit(Plan plan, List<String> ids) {
        boolean begun = ledger.begin(plan, new Tally(), ids);
        if (begun) {
            wake();
        }
        return begun;
    }

    /** Stops one: at once if nobody has it in hand, else within a batch. */
    Optional<Operation> cancel(String id) {
        Optional<Operation> found = ledger.find(id);
        if (found.isEmpty() || found.get().tally().state.over()) {
            return found;
        }
        ledger.cancel(id);
        Run run = runs.get(id);
        if (run != null) {
            run.cancel();
            wake();
        } else if (ledger.claim(id, token)) {
            Tally tally =
                    ledger.find(id).map(Operation::tally).orElse(found.get().tally());
            if (!tally.state.over()) {
                tally.end(
                        Tally.State.CANCELLED,
                        Instant.ofEpochMilli(engine.clock().millis()));
                ledger.save(id, token, tally, Ledger.Then.OVER);
            }
        }
        return ledger.find(id);
    }

    private void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        try {
            while (awaitTurn()) {
                try {
                    turn();
                    failedBefore = false;
                } catch (RedisException | Problem away) {
                    told(away);
                } catch (RuntimeException broken) {
                    told(broken);
                }
            }
            runs.values().forEach(this::leave);
        } finally {
            over.countDown();
        }
    }

    private void told(RuntimeException failed) {
        restNanos = LONG_REST.toNanos();
        if (!failedBefore) {
            LOG.warn("operations={} wait: {}; they go on as soon as they can", runs.keySet(), failed.toString());
        }
        failedBefore = true;
    }

    /** Rests, or waits for work; false = it is over. */
    private boolean awaitTurn() {
        lock.lock();
        try {
            long left = runs.isEmpty()
                    ? Math.max(restNanos, lookNanos - engine.clock().nanos())
                    : restNanos;
            while (!closing && left > 0 && !(woken && (runs.size() < AT_ONCE || restNanos == 0))) {
                left = changed.awaitNanos(left);
            }
            if (woken) {
                lookNanos = engine.clock().nanos();
            }
            woken = false;
            return !closing;
        } catch (InterruptedException stop) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void turn() {
        long begin = engine.clock().nanos();
        if (begin - lookNanos >= 0 && runs.size() < AT_ONCE) {
            adopt();
            lookNanos = begin + LOOK.toNanos();
        }
        for (Run run : List.copyOf(runs.values())) {
            step(run);
        }
        long worked = engine.clock().nanos() - begin;
        boolean tight = engine.memory().monitor().level().atLeast(MemoryLevel.CRITICAL);
        restNanos = runs.isEmpty()
                ? 0
                : tight
                        ? LONG_REST.toNanos()
                        : Math.max(SHORTEST_REST.toNanos(), Math.min(LONGEST_REST.toNanos(), worked));
    }

    private void adopt() {
        for (String id : ledger.open()) {
            if (runs.size() < AT_ONCE && !runs.containsKey(id) && ledger.claim(id, token)) {
                take(id);
            }
        }
    }

    private void take(String id) {
        Optional<Operation> found;
        try {
            found = ledger.find(id);
        } catch (Problem unreadable) {
            LOG.warn("operation={} cannot be read and is dropped: {}", id, unreadable.getMessage());
            found = Optional.empty();
        }
        if (found.isEmpty() || found.get().tally().state.over()) {
            ledger.drop(id);
            return;
        }
        Plan plan = found.get().plan();
        Tally tally = found.get().tally();
        if (tally.state == Tally.State.RUNNING) {
            tally.resumed++;
        } else {
            tally.state = Tally.State.RUNNING;
            tally.startedAt = Instant.ofEpochMilli(engine.clock().millis());
        }
        Run run = new Run(engine, plan, tally, plan.filter() == null ? ledger.jobs(id) : List.of());
        if (found.get().cancelRequested()) {
            run.cancel();
        }
        runs.put(id, run);
    }

    private void step(Run run) {
        Tally tally = run.tally();
        try {
            if (!tally.state.over()) { // else only writing that down failed
                run.step();
            }
        } catch (RedisException.Unreachable away) {
            throw away; // what was done is done; the step is done again
        } catch (RuntimeException broken) {
            LOG.warn("operation={} failed and is given up", run.plan().id(), broken);
            tally.error = Problem.class.isInstance(broken) || broken instanceof RedisException
                    ? String.valueOf(broken.getMessage())
                    : "it failed on this side; the log of the server tells more";
            tally.end(Tally.State.FAILED, Instant.ofEpochMilli(engine.clock().millis()));
        }
        boolean ended = tally.state.over();
        Ledger.Saved saved = ledger.save(run.plan().id(), token, tally, ended ? Ledger.Then.OVER : Ledger.Then.GO);
        if (ended || saved == Ledger.Saved.LOST) {
            runs.remove(run.plan().id());
            lookNanos = engine.clock().nanos();
        } else if (saved == Ledger.Saved.CANCEL) {
            run.cancel();
        }
    }

    private void leave(Run run) {
        try {
            ledger.save(run.plan().id(), token, run.tally(), Ledger.Then.LEAVE);
        } catch (RuntimeException away) {
            LOG.info(
                    "operation={} is found by another server when its lease is over",
                    run.plan().id());
        }
    }
}
