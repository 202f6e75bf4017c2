package io.penstock.notice;

import io.penstock.notice.Delivery.Outcome;
import io.penstock.notice.Delivery.Told;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Threads;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one channel: what waits for it, and the thread that sends while anything waits.
 *
 * <p>A thread of its own, because a receiver that does not answer must delay nobody else; none while nothing waits.
 * Locks: {@code lock} guards the fields and is never held while sending; {@code sending} lets one send at a time and is
 * taken before {@code lock}.
 */
final class Line {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    /** Alerts whose beginning was sent and whose end is owed; beyond that the oldest ends are not told of mild ones. */
    private static final int MOST_OPEN = 1_000;

    /** Where a line gets time, threads and the log of deliveries. */
    record Office(Clock clock, Threads threads, Patience patience, Deliveries deliveries) {}

    private final String id;
    private final Office office;
    private final Outage outage;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // all guarded by lock
    private final Outbox outbox = new Outbox();
    private final Set<String> open = new LinkedHashSet<>();
    private final Pace pace;
    private Channel channel;
    private Terms terms;
    private @Nullable Thread thread;
    private long gatheringNanos;
    private int version;
    private boolean closing;
    private boolean over;
    private long delivered;
    private long failed;
    private long dropped;
    private int untold;
    private String lastError = "";
    private @Nullable Instant lastDelivered;

    Line(String id, Channel channel, Terms terms, Office office) {
        this.id = id;
        this.channel = channel;
        this.terms = terms;
        this.office = office;
        this.outage = new Outage(LOG, office.clock(), "notification channel=" + id);
        this.pace = new Pace(terms.perMinute(), office.clock().nanos());
    }

    /** Takes another channel from the next attempt on, which comes at once: the change may be the cure. */
    void replace(Channel other, Terms others) {
        Channel before;
        lock.lock();
        try {
            before = channel;
            channel = other;
            terms = others;
            pace.change(others.perMinute());
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        before.close();
    }

    void tell(Notice notice) {
        lock.lock();
        try {
            boolean ends = notice.state().equals("resolved") && open.remove(notice.alert());
            if (notice.severity().compareTo(terms.least()) < 0 && !ends) {
                return;
            }
            if (closing) {
                dropped++;
                return;
            }
            if (notice.state().equals("firing")) {
                open.add(notice.alert());
                if (open.size() > MOST_OPEN) {
                    open.remove(open.iterator().next());
                }
            }
            if (outbox.size() == 0) {
                gatheringNanos = office.clock().nanos();
            }
            noteDropped(outbox.add(notice));
            wake();
        } finally {
            lock.unlock();
        }
    }

    private void noteDropped(int count) {
        if (count > 0 && untold == 0) {
            LOG.warn(
                    "notification channel={} has notices={} waiting, the most it may: the oldest of the mildest are dropped"
                            + " until it takes some; the alerts themselves are all listed",
                    id,
                    outbox.size());
        }
        dropped += count;
        untold += count;
    }

    private void wake() {
        if (thread == null) {
            try {
                thread = office.threads().startLight("channel-" + id, this::run);
            } catch (IllegalStateException noThread) {
                outage.failed(noThread); // what waits goes with the next notice
            }
        }
        changed.signalAll();
    }

    private void run() {
        try {
            for (List<Notice> batch = next(); !batch.isEmpty(); batch = next()) {
                deliver(batch);
            }
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        } finally {
            lock.lock();
            try {
                if (thread == Thread.currentThread()) {
                    thread = null;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits for what is to be sent together; empty = nothing is left and the thread ends. */
    private List<Notice> next() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (outbox.size() == 0 || over) {
                    thread = null; // under the lock, so that whoever adds the next one starts another
                    return List.of();
                }
                long now = office.clock().nanos();
                long gather = outbox.size() >= terms.most()
                        ? 0
                        : gatheringNanos + office.patience().window().toNanos() - now;
                long wait = closing ? 0 : Math.max(gather, pace.waitNanos(now));
                if (wait <= 0) {
                    pace.sent();
                    gatheringNanos = now;
                    return withDropped(outbox.take(terms.most()));
                }
                changed.awaitNanos(wait);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets the message say that others are missing. */
    private List<Notice> withDropped(List<Notice> batch) {
        if (untold == 0) {
            return batch;
        }
        Notice last = batch.get(batch.size() - 1);
        batch.set(batch.size() - 1, last.adding(" (" + untold + " other notices were dropped: too many waited)"));
        untold = 0;
        return batch;
    }

    private void deliver(List<Notice> batch) throws InterruptedException {
        Delivery delivery = null;
        for (int attempt = 1; ; attempt++) {
            int seen = version();
            Sent sent = send(
                    batch,
                    delivery == null ? office.deliveries().nextId() : delivery.id(),
                    attempt,
                    attempt >= office.patience().attempts());
            delivery = sent.delivery();
            if (delivery.outcome() != Outcome.RETRYING) {
                return;
            }
            if (!pause(seen, attempt, sent.retryAfter())) {
                settle(failed(delivery));
                return;
            }
        }
    }

    private int version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    /** One attempt and how long the receiver wants to be left alone after it. */
    private record Sent(Delivery delivery, Duration retryAfter) {}

    private Sent send(List<Notice> batch, String number, int attempt, boolean last) throws InterruptedException {
        sending.lockInterruptibly();
        try {
            Channel now = channel();
            long begin = office.clock().nanos();
            Instant at = Instant.ofEpochMilli(office.clock().millis());
            String error = "";
            boolean again = false;
            Duration retryAfter = Duration.ZERO;
            try {
                now.send(batch);
            } catch (NotTaken refused) {
                error = text(refused);
                again = refused.passing();
                retryAfter = refused.retryAfter();
            } catch (IOException broken) {
                error = text(broken);
                again = true;
            } catch (RuntimeException fault) {
                error = fault.getClass().getSimpleName() + " in the channel itself";
                // without its message, which may quote an address or a password
                LOG.error(
                        "notification channel={} kind={} is broken: {} at {}",
                        id,
                        now.kind(),
                        fault.getClass().getName(),
                        fault.getStackTrace().length == 0 ? "?" : fault.getStackTrace()[0]);
            }
            long took = (office.clock().nanos() - begin) / 1_000_000;
            Outcome outcome = error.isEmpty() ? Outcome.DELIVERED : again && !last ? Outcome.RETRYING : Outcome.FAILED;
            Delivery delivery = new Delivery(
                    number, id, now.kind(), batch.stream().map(Told::of).toList(), attempt, outcome, error, at, took);
            settle(delivery);
            return new Sent(delivery, retryAfter);
        } finally {
            sending.unlock();
        }
    }

    private static String text(IOException error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }

    private Channel channel() {
        lock.lock();
        try {
            return channel;
        } finally {
            lock.unlock();
        }
    }

    private static Delivery failed(Delivery one) {
        return new Delivery(
                one.id(),
                one.channel(),
                one.kind(),
                one.notices(),
                one.attempts(),
                Outcome.FAILED,
                one.error(),
                one.at(),
                one.tookMillis());
    }

    private void settle(Delivery delivery) {
        office.deliveries().put(delivery);
        lock.lock();
        try {
            lastError = delivery.error();
            switch (delivery.outcome()) {
                case DELIVERED -> {
                    delivered++;
                    lastDelivered = delivery.at();
                }
                case FAILED -> failed++;
                case RETRYING -> {
                    // not over yet
                }
            }
        } finally {
            lock.unlock();
        }
        if (delivery.outcome() == Outcome.DELIVERED) {
            outage.worked();
        } else {
            outage.failed(NotTaken.now(delivery.error()));
        }
    }

    /** Waits before the next attempt, or until the channel is another one; false = it is to be given up. */
    private boolean pause(int seen, int attempt, Duration asked) throws InterruptedException {
        Patience patience = office.patience();
        Duration wait = patience.backoff().after(attempt, ThreadLocalRandom.current()::nextDouble);
        Duration bounded = asked.compareTo(patience.longest()) > 0 ? patience.longest() : asked;
        long left = Math.max(wait.toNanos(), bounded.toNanos());
        lock.lock();
        try {
            while (left > 0 && !closing && version == seen) {
                left = changed.awaitNanos(left);
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends one notice at once, past what waits and without a second attempt.
     *
     * @throws NotTaken if another message is still under way after as long as one may take
     */
    Delivery test(Notice notice, Duration patience) throws IOException, InterruptedException {
        if (!sending.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw NotTaken.now("channel " + id + " was busy with another message for " + patience.toSeconds()
                    + " s; no test was sent; try again");
        }
        try {
            return send(List.of(notice), office.deliveries().nextId(), 1, true).delivery();
        } finally {
            sending.unlock();
        }
    }

    ChannelStats stats() {
        lock.lock();
        try {
            return new ChannelStats(
                    outbox.size(),
                    outbox.bytes(),
                    delivered,
                    failed,
                    dropped,
                    outbox.collapsed(),
                    lastError,
                    lastDelivered);
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more and sends what waits without waiting, once each. */
    void beginClose() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until that is done, at most until then; what is left is dropped. */
    void endClose(long deadlineNanos) {
        Thread sender = thread();
        if (sender != null && sender != Thread.currentThread()) {
            try {
                sender.join(Math.max(1, (deadlineNanos - office.clock().nanos()) / 1_000_000));
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
        }
        lock.lock();
        try {
            over = true;
            int left = outbox.take(Integer.MAX_VALUE).size();
            dropped += left;
            if (left > 0) {
                LOG.warn("notification channel={} ends with notices={} unsent; they are dropped", id, left);
            }
        } finally {
            lock.unlock();
        }
        if (sender != null && sender.isAlive()) {
            sender.interrupt();
        }
        channel().close();
    }

    private @Nullable Thread thread() {
        lock.lock();
        try {
            return thread;
        } finally {
            lock.unlock();
        }
    }
}
