package io.penstock.server.operation;

import io.penstock.flow.FlowId;
import io.penstock.flow.FlowView;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.Change;
import io.penstock.queue.FlowPlace;
import io.penstock.queue.JobSweep;
import io.penstock.queue.JobSweep.Action;
import io.penstock.queue.JobSweep.Head;
import io.penstock.server.engine.Engine;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Walk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One operation under way, done a step at a time. It touches only what was there when it was asked for, so to do a step again does
 * nothing twice: a job that has been moved is not where the step would look for it.
 *
 * <p>Bound: a step looks at {@value JobSweep#MOST} jobs and changes {@value #BATCH} at once. Threads: one, but for {@link #cancel}.
 */
final class Run {
    /** Jobs on their way to Redis at once: some milliseconds of it, between which all others have their turn. */
    static final int BATCH = 50;

    /** Lines of groups move under the walk; what it missed it finds when it comes again. */
    private static final int MOST_PASSES = 10;

    private final Engine engine;
    private final Plan plan;
    private final Tally tally;
    private final List<String> ids;
    private final Set<String> seen = new HashSet<>(); // of the last page: jobs of one millisecond may be shown twice
    private @Nullable Walk walk;
    private volatile boolean cancelled;

    Run(Engine engine, Plan plan, Tally tally, List<String> ids) {
        this.engine = engine;
        this.plan = plan;
        this.tally = tally;
        this.ids = ids;
    }

    Plan plan() {
        return plan;
    }

    Tally tally() {
        return tally;
    }

    /** Ends it before its next batch. */
    void cancel() {
        cancelled = true;
    }

    /** Goes on a little; the tally says whether it is over. */
    void step() {
        if (!cancelled) {
            JobFilter filter = plan.filter();
            boolean more = filter == null ? named() : walked(filter.until(plan.createdAt()));
            if (!more && !cancelled) {
                tally.end(Tally.State.COMPLETED, now());
                return;
            }
        }
        if (cancelled) {
            tally.end(Tally.State.CANCELLED, now());
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(engine.clock().millis());
    }

    private boolean walked(JobFilter filter) {
        Walk at = walk == null ? begin(filter) : walk;
        walk = at;
        if (at.over()) {
            return false;
        }
        JobSweep.Page page = at.page(JobSweep.MOST);
        tally.looked += page.looked();
        List<Head> meant = new ArrayList<>();
        for (Head head : page.heads()) {
            String id = head.job().id().toString();
            if (filter.fits(head.job()) && !seen.contains(id) && !leftBefore(id)) {
                meant.add(head);
            }
        }
        seen.clear();
        meant.forEach(head -> seen.add(head.job().id().toString()));
        tally.matched += meant.size();
        int gone = act(at.sweep(), meant);
        if (!cancelled) {
            onward(at, page, gone, meant.stream().anyMatch(Run::gated));
        }
        return !at.over();
    }

    private boolean leftBefore(String id) {
        return tally.pass > 0
                && tally.failures.stream().anyMatch(left -> left.id().equals(id));
    }

    private Walk begin(JobFilter filter) {
        Walk made = new Walk(engine, filter, plan.scope());
        if (tally.queue == null || tally.in == null) {
            tally.total = made.total();
        } else if (!made.from(tally.queue, tally.in, tally.inner)) {
            made = new Walk(
                    engine,
                    filter,
                    plan.scope()); // its queue is gone, or its state empty: all others are looked at again
        }
        return made;
    }

    private static boolean gated(Head head) {
        return head.job().options().group() != null || head.job().options().limit() != null;
    }

    private void onward(Walk at, JobSweep.Page page, int gone, boolean gated) {
        tally.moved += gated ? gone : 0; // other lines stand still: a job that leaves one leaves its place behind
        boolean end = page.next() == null;
        if (end && at.state() == JobState.WAITING && tally.moved > 0 && tally.pass < MOST_PASSES) {
            at.again();
            tally.pass++;
            tally.moved = 0;
        } else {
            at.step(page, gone);
            tally.pass = end ? 0 : tally.pass;
            tally.moved = end ? 0 : tally.moved;
        }
        if (!at.over()) {
            tally.queue = at.queue();
            tally.in = at.state();
            tally.inner = at.inner();
        }
    }

    /** The next ids; false = there are no more. */
    private boolean named() {
        tally.total = ids.size();
        int end = Math.min(ids.size(), tally.at + BATCH);
        Map<String, List<JobId>> queues = new LinkedHashMap<>();
        for (String id : ids.subList(Math.min(tally.at, end), end)) {
            JobId job = JobId.parse(id);
            queues.computeIfAbsent(job.queue(), name -> new ArrayList<>()).add(job);
        }
        queues.forEach(this::named);
        tally.looked = end;
        tally.at = end;
        return end < ids.size();
    }

    private void named(String queue, List<JobId> jobs) {
        if (!plan.scope().has(queue) || !engine.exists(queue)) {
            jobs.forEach(id -> tally.fail(id.toString(), "there is no such job in a queue that you may touch"));
            return;
        }
        JobSweep sweep = new JobSweep(engine.store(queue));
        List<Head> heads = engine.await(sweep.heads(jobs));
        Set<JobId> missing = new HashSet<>(jobs);
        heads.forEach(head -> missing.remove(head.job().id()));
        for (JobId id : jobs) {
            if (missing.contains(id) && plan.action() == Action.DELETE) {
                tally.skip(id.toString(), "it is gone already");
            } else if (missing.contains(id)) {
                tally.fail(id.toString(), "there is no such job: it never was, or it has been pruned");
            }
        }
        tally.matched += heads.size();
        act(sweep, heads);
    }

    /** Does it to these jobs; answers how many have left their state. */
    private int act(JobSweep sweep, List<Head> heads) {
        Map<FlowPlace, Boolean> flows = new HashMap<>();
        int gone = 0;
        for (int from = 0; from < heads.size() && !cancelled; from += BATCH) {
            Map<Head, CompletionStage<Change>> asked = new LinkedHashMap<>();
            for (Head head : heads.subList(from, Math.min(heads.size(), from + BATCH))) {
                String refused = refused(head, flows);
                if (refused == null) {
                    asked.put(head, ask(sweep, head));
                } else {
                    tally.fail(head.job().id().toString(), refused);
                }
            }
            for (Map.Entry<Head, CompletionStage<Change>> each : asked.entrySet()) {
                gone += settle(each.getKey(), engine.await(each.getValue()));
            }
        }
        return gone;
    }

    private CompletionStage<Change> ask(JobSweep sweep, Head head) {
        JobId id = head.job().id();
        boolean copied = plan.action() == Action.REQUEUE && head.job().state() == JobState.COMPLETED;
        return copied ? new Copies(engine, plan.id()).of(sweep, id) : sweep.act(id, plan.action());
    }

    private int settle(Head head, Change change) {
        String id = head.job().id().toString();
        switch (change.result()) {
            case DONE -> {
                tally.done++;
                return 1;
            }
            case ASKED -> {
                tally.done++;
                tally.asked++;
            }
            case NOT_FOUND -> {
                tally.skip(id, "it is gone already");
                return 1;
            }
            case CONFLICT -> {
                JobState state = change.state();
                boolean meanwhile = state == null
                        || !Plan.suits(plan.action()).contains(state)
                        || (plan.filter() != null && state != head.job().state());
                if (meanwhile) {
                    tally.skip(id, (state == null ? "" : "it is " + state.wire() + ": ") + change.message());
                    return plan.filter() == null ? 0 : 1;
                }
                tally.fail(id, change.message());
            }
        }
        return 0;
    }

    /** Says why it is not done to this job, because its flow would be the worse for it; null = it may be done. */
    private @Nullable String refused(Head head, Map<FlowPlace, Boolean> running) {
        FlowPlace place = head.flow();
        if (place == null || place.node() == FlowPlace.MEMBER) {
            return null;
        }
        FlowId flow = FlowId.of(place);
        boolean anew = plan.action() == Action.RETRY || plan.action() == Action.REQUEUE;
        if (anew && head.job().state() == JobState.CANCELLED) {
            return "it was cancelled with flow " + flow + ", perhaps before what it needs had ended; retry the flow";
        }
        boolean runs = plan.action() == Action.DELETE
                && running.computeIfAbsent(new FlowPlace(place.home(), place.flow(), 0), any -> runs(flow));
        return runs ? "flow " + flow + " is not over and may need it; cancel the flow first" : null;
    }

    private boolean runs(FlowId flow) {
        return engine.flows()
                .state(flow)
                .map(FlowView::state)
                .filter(state -> state.equals("running") || state.equals("compensating"))
                .isPresent();
    }
}
