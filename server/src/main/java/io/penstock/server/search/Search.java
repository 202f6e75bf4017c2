package io.penstock.server.search;

import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.JobSweep;
import io.penstock.server.engine.Engine;
import io.penstock.server.wire.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds jobs, a page at a time: by id and by unique key at once, all else by a walk over headers.
 *
 * <p>Bound: a page ends after {@link #BUDGET} or {@value #MOST_LOOKED} jobs looked at, whatever it has found; its cursor goes on from
 * there. A page that is short therefore says nothing about the next one.
 */
public final class Search {
    /** Leaves room for one slow step, ten milliseconds where jobs are large, and for the answer, in a request of at most 100 ms. */
    public static final Duration BUDGET = Duration.ofMillis(40);

    static final int MOST_LOOKED = 100_000;

    /** Jobs read in full at once; with 256 KiB payloads these are 12 MiB at worst. */
    private static final int STEP = 50;

    /** Queues asked for a key at once. */
    private static final int AT_ONCE = 200;

    private final Engine engine;
    private final JobFilter filter;
    private final Scope scope;
    private final long deadline;

    /**
     * What was found.
     *
     * @param looked jobs looked at for it
     * @param next cursor of the next page; null = everything has been looked at
     */
    public record Found(
            List<Job> jobs, long looked, @Nullable String next) {}

    /**
     * How many there are.
     *
     * @param matched jobs that fit, of those looked at
     * @param sample ids of the first ones
     * @param complete whether all were looked at
     */
    public record Count(long matched, List<String> sample, long looked, boolean complete) {}

    /** One request's search; its time begins now. */
    public Search(Engine engine, JobFilter filter, Scope scope) {
        this.engine = engine;
        this.filter = filter;
        this.scope = scope;
        this.deadline = engine.clock().nanos() + BUDGET.toNanos();
    }

    /**
     * Finds a page.
     *
     * @param cursor null = from the begin
     * @throws io.penstock.server.wire.Problem INVALID_VALUE if the cursor is none of ours
     */
    public Found page(@Nullable String cursor, int limit) {
        Cursor from = cursor == null ? null : Cursor.decode(cursor);
        String id = filter.id() != null ? filter.id() : onlyWord();
        Job named = from != null || id == null ? null : named(id);
        if (filter.id() != null || named != null) {
            return new Found(named == null ? List.of() : List.of(named), 1, null);
        }
        List<Job> found = from == null && filter.key() != null ? holders(limit) : new ArrayList<>();
        JobFilter rest = rest();
        if (rest == null) {
            return new Found(found, found.size(), null);
        }
        Walk walk = new Walk(engine, rest, scope);
        int skip = 0;
        if (from != null) {
            skip = from.skip();
            if (!walk.from(from.queue(), from.state(), from.inner())) {
                throw Cursor.broken();
            }
        }
        return walked(walk, found, skip, limit);
    }

    /** The index of keys knows every pending holder, so only what has ended is walked over; null = nothing. */
    private @Nullable JobFilter rest() {
        Set<JobState> ended = EnumSet.noneOf(JobState.class);
        filter.order().stream().filter(JobState::terminal).forEach(ended::add);
        return filter.key() == null ? filter : ended.isEmpty() ? null : filter.in(ended);
    }

    private @Nullable String onlyWord() {
        return filter.words().size() == 1 && filter.type() == null
                ? filter.words().get(0)
                : null;
    }

    private @Nullable Job named(String text) {
        try {
            JobId id = JobId.parse(text);
            return scope.has(id.queue()) && filter.in(id.queue())
                    ? engine.job(id).filter(this::meant).orElse(null)
                    : null;
        } catch (IllegalArgumentException noId) {
            return null;
        }
    }

    private boolean meant(Job job) {
        return filter.order().contains(job.state()) && filter.fits(job);
    }

    /** Asks every queue, whatever the time: no later page would ask again. */
    private List<Job> holders(int limit) {
        List<String> queues = Walk.queues(engine, filter, scope);
        Set<JobId> ids = new LinkedHashSet<>();
        for (int from = 0; from < queues.size(); from += AT_ONCE) {
            List<CompletionStage<List<JobId>>> asked = new ArrayList<>();
            for (String queue : queues.subList(from, Math.min(queues.size(), from + AT_ONCE))) {
                asked.add(new JobSweep(engine.store(queue)).holders(String.valueOf(filter.key())));
            }
            asked.forEach(each -> ids.addAll(engine.await(each)));
        }
        List<Job> found = new ArrayList<>();
        for (JobId id : ids) {
            engine.job(id)
                    .filter(job -> !job.state().terminal() && meant(job) && found.size() < limit)
                    .ifPresent(found::add);
        }
        return found;
    }

    private long left() {
        return deadline - engine.clock().nanos();
    }

    private Found walked(Walk walk, List<Job> found, int skipped, int limit) {
        int skip = skipped;
        long looked = found.size();
        boolean first = true;
        // jobs that were cancelled leave their places in the line until workers pass them; who stopped within a page
        // read a whole one
        boolean sparse = skip > 0;
        while (!walk.over() && found.size() < limit && (first || (left() > 0 && looked < MOST_LOOKED))) {
            first = false;
            JobSweep.Page page = read(walk, filter.open() && !sparse ? limit - found.size() + skip : JobSweep.MOST);
            sparse = page.heads().size() < page.looked();
            int at = Math.min(skip, page.heads().size());
            List<JobId> fitting = new ArrayList<>();
            while (at < page.heads().size() && found.size() + fitting.size() < limit) {
                Job job = page.heads().get(at++).job();
                if (filter.fits(job)) {
                    fitting.add(job.id());
                }
            }
            looked += Math.max(1, at - skip);
            whole(walk.sweep(), walk.state(), fitting, found);
            if (at < page.heads().size()) {
                return new Found(found, looked, new Cursor(walk.queue(), walk.state(), at, walk.inner()).encode());
            }
            skip = 0;
            walk.step(page, 0);
        }
        return new Found(
                found, looked, walk.over() ? null : new Cursor(walk.queue(), walk.state(), 0, walk.inner()).encode());
    }

    private static JobSweep.Page read(Walk walk, int limit) {
        try {
            return walk.page(limit);
        } catch (IllegalArgumentException foreign) {
            throw Cursor.broken();
        }
    }

    private void whole(JobSweep sweep, JobState state, List<JobId> ids, Collection<Job> into) {
        for (int i = 0; i < ids.size(); i += STEP) {
            for (Job job : engine.await(sweep.whole(ids.subList(i, Math.min(ids.size(), i + STEP))))) {
                if (job.state() == state) {
                    into.add(job);
                }
            }
        }
    }

    /** Counts what fits, as far as the time goes; by the counters alone where they know. */
    public Count count(int samples) {
        Walk walk = new Walk(engine, filter, scope);
        long total = filter.open() ? walk.total() : -1;
        Map<String, Boolean> sample = new LinkedHashMap<>();
        long matched = 0;
        long looked = 0;
        while (!walk.over() && (looked == 0 || left() > 0) && (total < 0 || sample.size() < samples)) {
            JobSweep.Page page = walk.page(JobSweep.MOST);
            looked += page.looked();
            for (JobSweep.Head head : page.heads()) {
                if (filter.fits(head.job())) {
                    matched++;
                    if (sample.size() < samples) {
                        sample.put(head.job().id().toString(), true);
                    }
                }
            }
            walk.step(page, 0);
        }
        List<String> ids = List.copyOf(sample.keySet());
        return total >= 0 ? new Count(total, ids, looked, true) : new Count(matched, ids, looked, walk.over());
    }

    /** Looks at every job in this order of states while there is time; answers how many, and whether those were all. */
    public Count each(java.util.function.Consumer<Job> eye) {
        Walk walk = new Walk(engine, filter, scope);
        long looked = 0;
        while (!walk.over() && (looked == 0 || left() > 0) && looked < MOST_LOOKED) {
            JobSweep.Page page = walk.page(Limits.PAGE);
            looked += page.heads().size();
            page.heads().forEach(head -> eye.accept(head.job()));
            walk.step(page, 0);
        }
        return new Count(looked, List.of(), looked, walk.over());
    }
}
