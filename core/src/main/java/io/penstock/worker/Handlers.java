package io.penstock.worker;

import io.penstock.job.JobOptions;
import io.penstock.job.JobType;
import io.penstock.job.Payload;
import io.penstock.job.RetryPolicy;
import io.penstock.memory.leak.JobToken;
import io.penstock.payload.PayloadException;
import io.penstock.queue.LeasedJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a worker knows to do: a handler for each type of job, and the interceptors around them.
 *
 * <p>Threads: safe; both may be added while a worker runs.
 */
public final class Handlers {
    private final Map<String, Known<?>> byName = new ConcurrentHashMap<>();
    private final Map<String, Chunked<?>> chunked = new ConcurrentHashMap<>();
    private volatile boolean anyChunked;
    private volatile List<Interceptor> interceptors = List.of();

    /** A type, its handler, and what the pipe needs of it at hand. */
    record Known<P>(JobType<P> type, Handler<? super P> handler, long timeoutNanos) {
        /** Decodes the payload. Apart from the call, so that an undecodable payload is told from a failed attempt. */
        P decode(LeasedJob job) {
            return job.encoding().isEmpty()
                    ? Payload.decode(job.record(), job.payloadOffset(), job.payloadLength(), type.payloadClass())
                    : Payload.decode(job.payload(), type.payloadClass());
        }

        void call(LeasedJob job, JobContext context) throws Exception {
            P payload;
            try {
                payload = decode(job);
            } catch (PayloadException closed) {
                throw unreadable(closed);
            } catch (IllegalArgumentException undecodable) {
                throw new Undecodable(undecodable);
            }
            JobToken watched = context.watched;
            if (watched != null && payload != null) {
                watched.payload(payload, job.size());
            }
            handler.handle(payload, context);
        }

        RetryPolicy retry() {
            return type.retry();
        }
    }

    /** A type whose jobs are handled several at a time. */
    record Chunked<P>(Known<P> known, ChunkConfig config, Chunk.Handler<P> handler) {}

    /** What becomes of a run that meets something sealed which it cannot open. */
    static RuntimeException unreadable(PayloadException closed) {
        return switch (closed.reason()) {
            case UNKNOWN_KEY -> new Locked(closed);
            case STORE, MISSING -> closed; // an attempt that failed: the store may be back for the next one
            default -> new Undecodable(closed);
        };
    }

    /** The payload does not fit the class of its type; trying again will not help. */
    static final class Undecodable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Undecodable(RuntimeException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** The payload is encrypted with a key that this worker has not got; another one may have it. */
    static final class Locked extends RuntimeException {
        private static final long serialVersionUID = 1;

        Locked(PayloadException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * Adds a handler for a type and its former names.
     *
     * @throws IllegalArgumentException if one of the names has a handler already
     */
    public <P> Handlers handle(JobType<P> type, Handler<? super P> handler) {
        add(type, handler);
        return this;
    }

    /**
     * Adds a handler that gets several jobs of a type at a time.
     *
     * @throws IllegalArgumentException if one of the names has a handler already
     */
    public <P> Handlers handleChunk(JobType<P> type, ChunkConfig how, Chunk.Handler<P> handler) {
        Known<P> known = add(type, (payload, context) -> {
            throw new Outcome.Verdict(Outcome.RELEASED); // it was claimed before its type was known as chunked
        });
        Chunked<P> several = new Chunked<>(known, how, handler);
        type.aliases().forEach(alias -> chunked.put(alias, several));
        chunked.put(type.name(), several);
        anyChunked = true;
        return this;
    }

    private <P> Known<P> add(JobType<P> type, Handler<? super P> handler) {
        JobOptions options = type.options();
        Duration timeout = options.timeout();
        Known<P> known = new Known<>(type, handler, timeout == null ? 0 : timeout.toNanos());
        List<String> names = new ArrayList<>(type.aliases());
        names.add(type.name());
        for (String name : names) {
            if (byName.putIfAbsent(name, known) != null) {
                throw new IllegalArgumentException("job type \"" + name
                        + "\" has a handler already; the first one stays; give one of the two another name");
            }
        }
        return known;
    }

    /** Adds an interceptor, inside those added before. */
    public synchronized Handlers intercept(Interceptor interceptor) {
        List<Interceptor> more = new ArrayList<>(interceptors);
        more.add(interceptor);
        interceptors = List.copyOf(more);
        return this;
    }

    /** Returns the names that have a handler, former names included. */
    public Set<String> names() {
        return new TreeSet<>(byName.keySet());
    }

    @Nullable
    Known<?> find(String type) {
        return byName.get(type);
    }

    boolean anyChunked() {
        return anyChunked;
    }

    @Nullable
    Chunked<?> chunked(String type) {
        return chunked.get(type);
    }

    /** Returns an unchanging list. */
    List<Interceptor> interceptors() {
        return interceptors;
    }
}
