package io.penstock.queue;

import io.penstock.job.Awaited;
import io.penstock.job.Follower;
import io.penstock.job.JobId;
import io.penstock.job.Place;
import io.penstock.payload.PayloadCodec;
import io.penstock.payload.PayloadException;
import io.penstock.redis.Redis;
import io.penstock.runtime.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Those of this process who follow what jobs emit, over its one subscription connection.
 *
 * <p>A follower is subscribed first and then reads what is kept, so between the two nothing is lost; what is lost on the way is
 * seen by the numbers of the pieces and read again, and what is not kept any more is told as missed. The end comes from {@link
 * Waiters}, and behind everything that was emitted.
 *
 * <p>Bound: followers are callers of {@link Waiters}; each holds at most {@value #MOST_UNREAD} messages while it reads.
 * Threads: safe.
 */
public final class Feeds {
    /** Messages put aside while what is kept is read; beyond that it is read once more. */
    private static final int MOST_UNREAD = 64;

    private final Redis redis;
    private final Function<String, Queue> queues;
    private final Waiters waiters;
    private final Map<JobId, Integer> followed = new ConcurrentHashMap<>();

    /** Followers of jobs over this connection; {@code queues} finds a queue by its name. */
    public Feeds(Redis redis, Function<String, Queue> queues, Waiters waiters) {
        this.redis = redis;
        this.queues = queues;
        this.waiters = waiters;
    }

    /**
     * Follows a job from its beginning, as far as that is kept.
     *
     * @see #follow(JobId, Place, Duration, Follower)
     */
    public Subscription follow(JobId id, Duration longest, Follower follower) {
        return follow(id, Place.START, longest, follower);
    }

    /**
     * Tells what a job emits behind a place until it ends, the time is over or the answer is closed. A job that is not there, or
     * has ended, is told as such behind what is kept of it: 64 KiB at most, until a minute after its run.
     *
     * @param longest 0 (what there is now) to a day
     * @throws IllegalArgumentException if it is outside that
     * @throws IllegalStateException if {@value Waiters#MOST} callers wait already, or the process is closing
     * @throws io.penstock.redis.RedisException if Redis cannot be reached
     */
    public Subscription follow(JobId id, Place behind, Duration longest, Follower follower) {
        Following following = new Following(id, behind, follower);
        followed.merge(id, 1, Integer::sum);
        try {
            following.begin(waiters.listen(id, longest));
        } catch (RuntimeException refused) {
            following.close();
            throw refused;
        }
        return following;
    }

    /** Returns how many follow this job in this process. */
    public int followers(JobId id) {
        return followed.getOrDefault(id, 0);
    }

    /** Returns how many follow a job in this process. */
    public int size() {
        return followed.values().stream().mapToInt(Integer::intValue).sum();
    }

    private final class Following implements Subscription {
        private final JobId id;
        private final Follower follower;
        private final PayloadCodec codec;
        private final Deque<Segment> unread = new ArrayDeque<>(); // guarded by this, as the rest
        private Place at;
        private boolean reading;
        private boolean again;
        private @Nullable Awaited end;
        private volatile boolean closed;
        private boolean released;
        private @Nullable Subscription subscription;
        private @Nullable CompletableFuture<Awaited> ending;

        Following(JobId id, Place behind, Follower follower) {
            this.id = id;
            this.at = behind;
            this.follower = follower;
            this.codec = queues.apply(id.queue()).store().payloads();
        }

        void begin(CompletableFuture<Awaited> awaited) {
            synchronized (this) {
                ending = awaited;
            }
            String channel = new QueueKeys(id.queue()).feedChannel(id.serial());
            Subscription mine = redis.subscriber().subscribe(channel, this::told, this::read);
            boolean late;
            synchronized (this) {
                subscription = mine;
                late = closed;
            }
            if (late) {
                mine.close();
            }
            var unused = awaited.whenComplete((ended, never) -> {
                if (ended != null) {
                    ended(ended);
                }
            });
        }

        private void told(byte[] message) {
            Segment segment = Segment.of(message);
            boolean lost;
            synchronized (this) {
                if (reading) {
                    again |= unread.size() >= MOST_UNREAD || !unread.add(segment);
                    return;
                }
                lost = !follows(segment);
                if (!lost) {
                    tell(segment);
                }
            }
            if (lost) {
                read();
            }
        }

        /** Whether nothing is between what was told and this; called under the lock. */
        private boolean follows(Segment segment) {
            return segment.run() < at.run() || segment.first() <= 1 + (segment.run() == at.run() ? at.number() : 0);
        }

        /** Called under the lock. */
        private void tell(Segment segment) {
            long number = segment.first();
            for (byte[] piece : segment.pieces()) {
                Place place = new Place(segment.run(), number++);
                if (place.compareTo(at) > 0 && !closed) {
                    long known = place.run() == at.run() ? at.number() : 0;
                    if (place.number() > known + 1) {
                        follower.missed(place.run(), known + 1, place.number() - 1);
                    }
                    at = place;
                    tell(place, piece);
                }
            }
        }

        private void tell(Place place, byte[] piece) {
            String text;
            try {
                text = new String(codec.openValue(piece, Seal.piece(id)), StandardCharsets.UTF_8);
            } catch (PayloadException closed) { // this process lacks the key
                follower.missed(place.run(), place.number(), place.number());
                return;
            }
            follower.piece(place, text);
        }

        private void read() {
            synchronized (this) {
                if (reading) {
                    again = true; // the answer under way may be older than what we were told
                    return;
                }
                reading = true;
            }
            try {
                FeedStore.kept(redis, id)
                        .whenComplete((kept, error) -> kept(error == null ? kept : List.of(), error == null));
            } catch (RuntimeException refused) {
                kept(List.of(), false);
            }
        }

        private void kept(List<Segment> kept, boolean heard) {
            boolean more;
            synchronized (this) {
                kept.forEach(this::tell);
                boolean gap = false;
                for (Segment segment = unread.poll(); segment != null; segment = unread.poll()) {
                    gap |= !follows(segment);
                    if (!gap) {
                        tell(segment);
                    }
                }
                more = (again || gap) && heard && !closed;
                again = false;
                reading = false;
                if (!more && end != null && !closed) {
                    closed = true;
                    follower.ended(end);
                }
            }
            if (more) {
                read();
            } else if (closed) {
                release();
            }
        }

        /** What was emitted before it is in Redis by now, told or not. */
        private void ended(Awaited ended) {
            synchronized (this) {
                end = ended;
            }
            read();
        }

        @Override
        public void close() {
            closed = true;
            release();
        }

        private void release() {
            Subscription mine;
            CompletableFuture<Awaited> awaited;
            synchronized (this) {
                mine = subscription;
                awaited = ending;
                if (!released) {
                    released = true;
                    followed.computeIfPresent(id, (job, many) -> many == 1 ? null : many - 1);
                }
            }
            if (mine != null) {
                mine.close();
            }
            if (awaited != null) {
                awaited.cancel(false); // the next sweep of the waiters forgets it
            }
        }
    }
}
