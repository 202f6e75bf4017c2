package io.penstock.server.search;

import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What jobs have to be like; what is null or empty says nothing. All of it can be read from a job's header.
 *
 * @param queue name of the queue, or a pattern with {@code *}
 * @param states empty = all
 * @param id whole id of the job
 * @param type its type, or a pattern with {@code *}
 * @param error fingerprint, or type of the error, or a part of its message
 * @param key unique key
 * @param words each stands somewhere in the id or the type
 * @param before ended no later than this, or was made no later if it has not ended
 */
public record JobFilter(
        @Nullable String queue,
        Set<JobState> states,
        @Nullable String id,
        @Nullable String type,
        @Nullable String group,
        @Nullable String error,
        @Nullable String key,
        List<String> words,
        @Nullable Instant before) {
    /** Fits every job. */
    public static final JobFilter ANY = new JobFilter(null, Set.of(), null, null, null, null, null, List.of(), null);

    /** What is going on first, what is over last. */
    private static final List<JobState> ORDER = List.of(
            JobState.ACTIVE,
            JobState.WAITING,
            JobState.DELAYED,
            JobState.BLOCKED,
            JobState.FAILED,
            JobState.COMPLETED,
            JobState.CANCELLED);

    public JobFilter {
        states = Set.copyOf(states);
        words = List.copyOf(words);
    }

    /** Returns the same for these states only. */
    public JobFilter in(Set<JobState> only) {
        return new JobFilter(queue, only, id, type, group, error, key, words, before);
    }

    /** Returns the same for this queue only. */
    public JobFilter of(String only) {
        return new JobFilter(only, states, id, type, group, error, key, words, before);
    }

    /** Returns the same for jobs of this moment or older ones. */
    public JobFilter until(Instant moment) {
        Instant earlier = before == null || moment.isBefore(before) ? moment : before;
        return new JobFilter(queue, states, id, type, group, error, key, words, earlier);
    }

    /** Tells whether the state and the queue are all that is asked for. */
    public boolean open() {
        return id == null
                && type == null
                && group == null
                && error == null
                && key == null
                && words.isEmpty()
                && before == null;
    }

    /** Returns the states to look at, in the order of a list. */
    public List<JobState> order() {
        return ORDER.stream()
                .filter(state -> states.isEmpty() || states.contains(state))
                .filter(state -> error == null || state == JobState.FAILED || state == JobState.CANCELLED)
                .toList();
    }

    /** Tells whether a queue is one to look at. */
    public boolean in(String name) {
        return (queue == null || Scope.fits(queue, name)) && (id == null || id.startsWith(name + "-"));
    }

    /** Tells whether a job of the right queue and state is meant. */
    public boolean fits(Job job) {
        return (id == null || id.equals(job.id().toString()))
                && (type == null || Scope.fits(type, job.type()))
                && (group == null || group.equals(job.options().group()))
                && (key == null
                        || (job.options().unique() != null
                                && key.equals(job.options().unique().key())))
                && (error == null || (job.error() != null && failed(error, job.error())))
                && (before == null || !since(job).isAfter(before))
                && words.stream().allMatch(word -> said(word, job));
    }

    private static Instant since(Job job) {
        return job.finishedAt() == null ? job.createdAt() : job.finishedAt();
    }

    private static boolean failed(String wanted, JobError error) {
        String type = error.type();
        return wanted.equals(Fingerprint.of(error))
                || wanted.equalsIgnoreCase(type)
                || wanted.equalsIgnoreCase(type.substring(type.lastIndexOf('.') + 1))
                || error.message().toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
    }

    private static boolean said(String word, Job job) {
        String small = word.toLowerCase(Locale.ROOT);
        return job.type().toLowerCase(Locale.ROOT).contains(small)
                || job.id().toString().toLowerCase(Locale.ROOT).contains(small);
    }
}
