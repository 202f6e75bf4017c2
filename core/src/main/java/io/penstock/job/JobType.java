package io.penstock.job;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A kind of job: a name on the wire, the class of its payload on this side, and how such jobs are treated.
 *
 * <p>Only the name travels, never the class, so the class may be renamed and moved freely; an old name is kept alive
 * with {@link #alias}. Immutable: each method answers a changed copy.
 *
 * @param <P> the payload, best a record; fields that it does not know are ignored
 */
public final class JobType<P> {
    private final String name;
    private final Class<P> payloadClass;
    private final String queue;
    private final RetryPolicy retry;
    private final JobOptions options;
    private final List<String> aliases;
    private final @Nullable Function<? super P, Unique> unique;
    private final @Nullable Function<? super P, String> group;
    private final @Nullable Function<? super P, KeyLimit> limit;

    private JobType(
            String name,
            Class<P> payloadClass,
            String queue,
            RetryPolicy retry,
            JobOptions options,
            List<String> aliases,
            @Nullable Function<? super P, Unique> unique,
            @Nullable Function<? super P, String> group,
            @Nullable Function<? super P, KeyLimit> limit) {
        this.name = Names.check("type", name);
        this.payloadClass = Objects.requireNonNull(payloadClass);
        this.queue = Names.check("queue", queue);
        this.retry = retry;
        this.options = options;
        this.aliases = aliases;
        this.unique = unique;
        this.group = group;
        this.limit = limit;
    }

    /** A type whose jobs go to the queue {@code default} and follow {@link RetryPolicy#DEFAULT}. */
    public static <P> JobType<P> of(String name, Class<P> payloadClass) {
        return new JobType<>(
                name, payloadClass, "default", RetryPolicy.DEFAULT, JobOptions.NONE, List.of(), null, null, null);
    }

    /** Returns this type with another queue. */
    public JobType<P> queue(String line) {
        return new JobType<>(name, payloadClass, line, retry, options, aliases, unique, group, limit);
    }

    /** Returns this type with another retry policy; it applies on the worker's side, so changing it needs no migration. */
    public JobType<P> retry(RetryPolicy policy) {
        return new JobType<>(name, payloadClass, queue, policy, options, aliases, unique, group, limit);
    }

    /** Returns this type with a limit on one run. */
    public JobType<P> timeout(Duration longest) {
        return with(options.timeout(longest));
    }

    /** Returns this type with another line. */
    public JobType<P> priority(Priority line) {
        return with(options.priority(line));
    }

    /** Returns this type with a declared need of memory for one run, in bytes. */
    public JobType<P> memory(long bytes) {
        return with(options.memory(bytes));
    }

    /** Returns this type with another retention of ended jobs. */
    public JobType<P> retain(Retention retention) {
        return with(options.retain(retention));
    }

    /** Returns this type with a key: a second job of the same key is dropped while the first has not ended. */
    public JobType<P> uniqueBy(Function<? super P, ?> key) {
        return unique(payload -> Unique.whilePending(name + ":" + key.apply(payload)));
    }

    /** Returns this type with a key: a second job of the same key is dropped for this long. */
    public JobType<P> uniqueBy(Function<? super P, ?> key, Duration ttl) {
        return unique(payload -> Unique.throttle(name + ":" + key.apply(payload), ttl));
    }

    /** Returns this type with a key and mode of your own. */
    public JobType<P> unique(Function<? super P, Unique> key) {
        return new JobType<>(name, payloadClass, queue, retry, options, aliases, key, group, limit);
    }

    /** Returns this type with a group (tenant) read from the payload. */
    public JobType<P> groupBy(Function<? super P, String> tenant) {
        return new JobType<>(name, payloadClass, queue, retry, options, aliases, unique, tenant, limit);
    }

    /**
     * Returns this type with a limit: of the jobs of one key, read from the payload, at most so many run at once; with 1, a
     * mutex. The type's name is put before the key.
     */
    public JobType<P> limitBy(Function<? super P, ?> key, int permits) {
        return new JobType<>(
                name,
                payloadClass,
                queue,
                retry,
                options,
                aliases,
                unique,
                group,
                payload -> new KeyLimit(name + ":" + key.apply(payload), permits));
    }

    /** Returns this type with a former name, under which waiting jobs are still handled. */
    public JobType<P> alias(String formerName) {
        Names.check("type", formerName);
        List<String> more = new java.util.ArrayList<>(aliases);
        more.add(formerName);
        return new JobType<>(name, payloadClass, queue, retry, options, List.copyOf(more), unique, group, limit);
    }

    private JobType<P> with(JobOptions changed) {
        return new JobType<>(name, payloadClass, queue, retry, changed, aliases, unique, group, limit);
    }

    /**
     * Makes the wish for one job of this type.
     *
     * @throws IllegalArgumentException if the payload cannot be written as JSON or an option is out of range
     */
    public JobSpec spec(P payload, UnaryOperator<JobOptions> change) {
        JobOptions wished = options;
        if (unique != null) {
            wished = wished.unique(unique.apply(payload));
        }
        if (group != null) {
            wished = wished.group(group.apply(payload));
        }
        if (limit != null) {
            KeyLimit held = limit.apply(payload);
            wished = wished.limit(held.key(), held.permits());
        }
        return new JobSpec(queue, name, Payload.encode(payload), change.apply(wished));
    }

    /** Makes the wish for one job of this type, as the type says. */
    public JobSpec spec(P payload) {
        return spec(payload, UnaryOperator.identity());
    }

    /** Returns the name on the wire. */
    public String name() {
        return name;
    }

    /** Returns the class that payloads are read into. */
    public Class<P> payloadClass() {
        return payloadClass;
    }

    /** Returns the queue its jobs go to. */
    public String queue() {
        return queue;
    }

    /** Returns how failed attempts are treated when the job itself does not say. */
    public RetryPolicy retry() {
        return retry;
    }

    /** Returns the options that a job of this type starts from. */
    public JobOptions options() {
        return options;
    }

    /** Returns the former names. */
    public List<String> aliases() {
        return aliases;
    }

    @Override
    public String toString() {
        return name;
    }
}
