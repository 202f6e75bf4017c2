package io.penstock.redis;

import io.lettuce.core.api.StatefulConnection;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A few dedicated connections, for what the multiplexed one must not do: blocking, transactions, the user's own commands.
 *
 * <p>Callers that find none wait in the order they came, bounded in number and time; a connection that comes back goes to
 * the first of them, past nobody. The connections stand on the event loops of their {@link Redis}: no thread of their own.
 * Bound: {@link PoolConfig#max} sockets, those being opened or closed included. The owner closes it, before its Redis.
 * Threads: safe; {@link #acquire} waits.
 */
public final class RedisPool implements AutoCloseable {
    /** How long an idle connection may take to answer its PING: far above a healthy answer, far below a caller's patience. */
    private static final long VALIDATION_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Closing a socket takes no network; this is for a machine that swaps. */
    private static final long LONGEST_CLOSE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final String name;
    private final PoolConfig config;
    private final Redis redis;
    private final Clock clock;
    private final PoolTimes times;
    private final Task upkeep;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closedOne = lock.newCondition();

    // guarded by lock
    private final Deque<PoolMember> idle =
            new ArrayDeque<>(); // the one used last comes first, so that the others grow old
    private final Set<PoolMember> active = new HashSet<>();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private final PoolAttempts attempts;
    private int closing;
    private long timeouts;
    private boolean closed;

    /** Makes a pool of this name for messages; opens {@link PoolConfig#min} connections without waiting for them. */
    public RedisPool(String name, PoolConfig config, Redis redis, Timer timer) {
        this.name = name;
        this.config = config;
        this.redis = redis;
        this.clock = timer.clock();
        this.attempts = new PoolAttempts(clock);
        this.times = new PoolTimes(clock.nanos());
        this.upkeep = timer.every("redis-pool-" + name, config.upkeepPeriod(), this::keepUp);
        change(List::of);
    }

    /**
     * Lends a connection, waiting for one at most {@link PoolConfig#acquireTimeout}.
     *
     * @param holder who wants it, for the log and for messages
     * @throws RedisException.NoConnection if there was none in time, or too many wait already
     * @throws IllegalStateException if the pool is closed
     */
    public PooledConnection acquire(String holder) {
        long begin = clock.nanos();
        boolean again = false;
        while (true) {
            PoolMember member = take(begin, again);
            if (answers(member, begin)) {
                long now = clock.nanos();
                times.acquires.record(now - begin);
                return lend(member, holder, now);
            }
            again = true; // it was first in the line, and stays so
        }
    }

    private PooledConnection lend(PoolMember member, String holder, long now) {
        Throwable stack = config.leakStacks() ? new Throwable("acquired here by " + holder) : null;
        PooledConnection loan = new PooledConnection(this, member, holder, now, stack);
        member.loan = loan;
        return loan;
    }

    private PoolMember take(long begin, boolean again) {
        Waiter mine = new Waiter();
        List<PoolMember> found = new ArrayList<>(1);
        change(() -> {
            if (closed) {
                throw closedAlready();
            }
            PoolMember ready = idle.pollFirst(); // none is idle while somebody waits
            if (ready != null) {
                active.add(ready);
                found.add(ready);
            } else if (again) {
                waiters.addFirst(mine);
            } else if (waiters.size() < config.maxWaiting()) {
                waiters.addLast(mine);
            } else {
                throw none(begin, "as many as may wait are waiting");
            }
            return List.of();
        });
        return found.isEmpty() ? await(mine, begin) : found.get(0);
    }

    private PoolMember await(Waiter mine, long begin) {
        try {
            long left = begin + config.acquireTimeout().toNanos() - clock.nanos();
            return mine.member.get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            if (leave(mine)) {
                throw none(begin, "none came free in time");
            }
            return granted(mine); // it came at the last moment
        } catch (InterruptedException stop) {
            boolean left = leave(mine);
            if (!left && !mine.member.isCompletedExceptionally()) {
                giveBack(mine.member.join());
            }
            Thread.currentThread().interrupt();
            throw new RedisException(shown() + ": waiting for a connection was interrupted; nothing was done", stop);
        } catch (ExecutionException closing) {
            throw closedAlready();
        }
    }

    private boolean leave(Waiter mine) {
        lock.lock();
        try {
            return waiters.remove(mine);
        } finally {
            lock.unlock();
        }
    }

    private PoolMember granted(Waiter mine) {
        if (mine.member.isCompletedExceptionally()) {
            throw closedAlready();
        }
        return mine.member.join();
    }

    /** Whether a connection that was long unused still answers; the same age is reason enough to close others with it. */
    private boolean answers(PoolMember member, long begin) {
        long now = clock.nanos();
        if (now - member.idleSinceNanos < config.validateAfter().toNanos() && member.clean()) {
            return true;
        }
        long left = begin + config.acquireTimeout().toNanos() - now;
        try {
            member.send("PING", RespCommand.plain("PING", new Call(16)))
                    .get(Math.min(VALIDATION_NANOS, Math.max(left, VALIDATION_NANOS / 10)), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt(); // the wait that follows tells it
        } catch (ExecutionException | TimeoutException dead) {
            change(() -> {
                attempts.trouble(dead);
                List<PoolMember> old = idle.stream()
                        .filter(other -> now - other.idleSinceNanos
                                >= config.validateAfter().toNanos())
                        .toList();
                idle.removeAll(old);
                return old;
            });
        }
        member.taint();
        giveBack(member);
        return false;
    }

    /** Takes a connection back: to the first who waits, to the idle ones, or away if the next holder could notice the last. */
    void giveBack(PoolMember member) {
        change(() -> {
            member.loan = null;
            if (!active.remove(member)) {
                return List.of(); // the pool was closed meanwhile
            }
            if (closed || !member.clean()) {
                return List.of(member);
            }
            give(member);
            return List.of();
        });
    }

    private void give(PoolMember member) {
        member.idleSinceNanos = clock.nanos();
        Waiter first = waiters.pollFirst();
        if (first == null) {
            idle.addFirst(member);
        } else {
            active.add(member);
            first.member.complete(member);
        }
    }

    /** A caller in the line. */
    private static final class Waiter {
        final CompletableFuture<PoolMember> member = new CompletableFuture<>();
    }

    /** Makes a change under the lock; then, outside, closes the members it answers and opens what is wanted now. */
    private void change(Supplier<List<PoolMember>> change) {
        List<PoolMember> away = List.of();
        int open = 0;
        long wait = 0;
        lock.lock();
        try {
            away = change.get();
            closing += away.size();
            int missing = Math.max(waiters.size(), config.min() - idle.size() - active.size()) - attempts.underWay();
            open = closed ? 0 : attempts.begin(missing, config.max() - total());
            wait = waiters.isEmpty() ? 0 : attempts.waitNanos();
        } finally {
            lock.unlock();
        }
        away.forEach(member -> member.breakUp().whenComplete((done, error) -> change(this::closedOne)));
        for (int i = 0; i < open; i++) {
            var unused = redis.connection().connectDedicated().whenComplete(this::opened);
        }
        if (wait > 0) {
            upkeep.reschedule(Duration.ofNanos(wait));
        }
    }

    private List<PoolMember> closedOne() {
        closing--;
        closedOne.signalAll();
        return List.of();
    }

    private int total() {
        return idle.size() + active.size() + attempts.underWay() + closing;
    }

    private void opened(@Nullable StatefulConnection<byte[], byte[]> connection, @Nullable Throwable error) {
        if (connection == null) {
            change(() -> {
                attempts.failed(error == null ? new IllegalStateException("no connection") : error);
                closedOne.signalAll();
                return List.of();
            });
            return;
        }
        PoolMember member = new PoolMember(connection);
        change(() -> {
            attempts.worked();
            if (closed) {
                return List.of(member);
            }
            give(member);
            return List.of();
        });
        member.watch(() -> lost(member));
    }

    /** A held one stays its holder's until it is given back: it fails there. */
    private void lost(PoolMember member) {
        change(() -> {
            if (!closed) {
                attempts.trouble(new RedisException("a connection was lost"));
            }
            return idle.remove(member) ? List.of(member) : List.of();
        });
    }

    private void keepUp() {
        long now = clock.nanos();
        List<PooledConnection> late = new ArrayList<>();
        change(() -> {
            times.roll(now);
            for (PoolMember member : active) {
                PooledConnection loan = member.loan;
                if (loan != null
                        && !loan.told
                        && loan.heldNanos(now) >= config.leakAfter().toNanos()) {
                    loan.told = true;
                    late.add(loan);
                }
            }
            long idleNanos = config.idleTimeout().toNanos();
            return shrink(
                    idle.size() + active.size() - config.min(), oldest -> now - oldest.idleSinceNanos >= idleNanos);
        });
        late.forEach(loan -> loan.tellHeld(now, clock.millis()));
    }

    private List<PoolMember> shrink(int most, Predicate<PoolMember> which) {
        List<PoolMember> away = new ArrayList<>();
        for (PoolMember oldest = idle.peekLast();
                oldest != null && away.size() < most && which.test(oldest);
                oldest = idle.peekLast()) {
            away.add(idle.removeLast());
        }
        return away;
    }

    /**
     * Closes this share (0..1) of the idle connections, rounded up, but keeps min; for when memory is short.
     *
     * @return how many it closes
     */
    public int trim(double share) {
        List<PoolMember> away = new ArrayList<>();
        change(() -> {
            int most = (int) Math.ceil(Math.min(1, Math.max(0, share)) * idle.size());
            away.addAll(shrink(Math.min(most, idle.size() + active.size() - config.min()), oldest -> true));
            return away;
        });
        return away.size();
    }

    /** Returns what it does now. */
    public PoolStats stats() {
        lock.lock();
        try {
            return new PoolStats(
                    total(),
                    active.size(),
                    idle.size(),
                    waiters.size(),
                    config.max(),
                    config.min(),
                    times.acquires.meanMillis(),
                    times.responses.meanMillis(),
                    timeouts);
        } finally {
            lock.unlock();
        }
    }

    /** Returns how long callers waited for a connection. */
    public LatencyStats acquireLatency() {
        return times.acquires.stats(times.acquires.meanMillis());
    }

    /** Returns who holds connections, the longest first. */
    public List<PoolHolder> holders() {
        lock.lock();
        try {
            long now = clock.nanos();
            long millis = clock.millis();
            return active.stream()
                    .flatMap(member -> Stream.ofNullable(member.loan))
                    .map(loan -> loan.seen(now, millis))
                    .sorted(Comparator.comparingLong(PoolHolder::heldMillis).reversed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private RedisException none(long begin, String why) {
        lock.lock();
        try {
            timeouts++;
            PoolStats now = stats();
            String holder = holders().stream()
                    .findFirst()
                    .map(longest -> "; held longest by \"" + longest.name() + "\" for " + longest.heldMillis() + " ms")
                    .orElse("");
            return new RedisException.NoConnection(
                    shown() + ": no connection after waiting " + TimeUnit.NANOSECONDS.toMillis(clock.nanos() - begin)
                            + " of at most " + config.acquireTimeout().toMillis() + " ms: " + why + "; total="
                            + now.total()
                            + " of " + now.max() + " active=" + now.active() + " idle=" + now.idle() + " waiting="
                            + now.waiting() + " of " + config.maxWaiting() + "; last failure: " + attempts.toldTrouble()
                            + holder
                            + "; nothing was sent; hold connections for shorter, or raise REDIS_MAX_CONNECTIONS or"
                            + " REDIS_ACQUIRE_TIMEOUT_MS",
                    attempts.lastTrouble());
        } finally {
            lock.unlock();
        }
    }

    private IllegalStateException closedAlready() {
        return new IllegalStateException(shown() + " is closed; no connection was lent; its owner has closed it");
    }

    String shown() {
        return "redis pool \"" + name + "\"";
    }

    long nanos() {
        return clock.nanos();
    }

    void answered(long nanos) {
        times.responses.record(nanos);
    }

    /** Closes all connections, held ones too, and lets those who wait fail; returns when the sockets are closed, 3 s at most. */
    @Override
    public void close() {
        upkeep.close();
        List<Waiter> waiting = new ArrayList<>();
        change(() -> {
            List<PoolMember> all = new ArrayList<>();
            if (!closed) {
                closed = true;
                waiting.addAll(waiters);
                all.addAll(idle);
                all.addAll(active);
                waiters.clear();
                idle.clear();
                active.clear();
            }
            return all;
        });
        waiting.forEach(one -> one.member.completeExceptionally(closedAlready()));
        awaitClosed();
    }

    private void awaitClosed() {
        long left = LONGEST_CLOSE_NANOS;
        lock.lock();
        try {
            while (attempts.underWay() + closing > 0 && left > 0) {
                left = closedOne.awaitNanos(left);
            }
        } catch (InterruptedException remembered) {
            Thread.currentThread().interrupt(); // the sockets close all the same
        } finally {
            lock.unlock();
        }
    }
}
