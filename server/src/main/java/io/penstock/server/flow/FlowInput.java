package io.penstock.server.flow;

import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.flow.FlowRefusedException;
import io.penstock.flow.OnFailure;
import io.penstock.job.JobSpec;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/**
 * Reads the jobs of flows and batches from JSON, and makes ready for them.
 *
 * @param fields of one job that names its queue
 * @param reader of these
 * @param came is told queue and type of jobs that come
 * @param limits lets so many jobs come to a queue, or throws
 */
public record FlowInput(
        Set<String> fields,
        Function<Fields, JobSpec> reader,
        BiConsumer<String, String> came,
        ObjIntConsumer<String> limits) {
    private static final Set<String> FLOW = Set.of("name", "queue", "jobs");
    private static final Set<String> OF_FLOW = Set.of("name", "needs", "onFailure", "undo");

    JobSpec job(Slice slice) {
        return reader.apply(Fields.of(slice, fields));
    }

    Flow flow(Slice body, Caller caller) {
        Fields whole = Fields.of(body, FLOW);
        String name = whole.requiredText("name");
        Flow flow = whole.guarded("name", () -> Flow.named(name));
        String home = whole.text("queue");
        if (home != null) {
            caller.check(home);
            whole.guarded("queue", () -> flow.home(home));
        }
        Set<String> legal = new TreeSet<>(fields);
        legal.addAll(OF_FLOW);
        List<Slice> jobs = whole.array("jobs", Flow.MAX_JOBS);
        if (jobs == null) {
            throw Problem.invalid(
                    whole.pointer("jobs"),
                    "jobs is missing: a flow needs 1 to " + Flow.MAX_JOBS + "; nothing was done");
        }
        jobs.forEach(job -> read(flow, Fields.of(job, legal)));
        return flow;
    }

    private void read(Flow flow, Fields job) {
        String name = job.requiredText("name");
        JobSpec spec = reader.apply(job);
        job.guarded("name", () -> flow.job(name, spec));
        List<String> needs = job.texts("needs", Flow.MAX_JOBS);
        if (needs != null) {
            job.guarded("needs", () -> flow.needs(name, needs));
        }
        String policy = job.text("onFailure");
        if (policy != null) {
            job.guarded("onFailure", () -> flow.onFailure(name, OnFailure.of(policy)));
        }
        Fields undo = job.object("undo", fields);
        if (undo != null) {
            job.guarded("undo", () -> flow.undo(name, reader.apply(undo)));
        }
    }

    /** Before jobs are added: the caller must see their queues; their limits are asked, they are tended, workers told. */
    void expect(Engine engine, Caller caller, Collection<JobSpec> jobs) {
        Map<String, Integer> counts = new HashMap<>();
        jobs.forEach(job -> counts.merge(job.queue(), 1, Integer::sum));
        counts.keySet().forEach(caller::check);
        counts.forEach(limits::accept);
        counts.keySet().forEach(engine::tend);
        jobs.forEach(job -> came.accept(job.queue(), job.type()));
    }

    static FlowId id(Call call) {
        FlowId id;
        try {
            id = FlowId.parse(call.path("id"));
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.NOT_FOUND, String.valueOf(foreign.getMessage()));
        }
        call.caller().check(id.queue());
        return id;
    }

    /** What the library refuses, in the words of HTTP. */
    static <T> T plain(Supplier<T> what) {
        try {
            return what.get();
        } catch (FlowRefusedException refused) {
            throw Problem.refused(refused.why());
        } catch (IllegalArgumentException wrong) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(wrong.getMessage()));
        } catch (IllegalStateException not) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(not.getMessage()));
        }
    }
}
