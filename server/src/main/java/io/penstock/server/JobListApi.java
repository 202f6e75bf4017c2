package io.penstock.server;

import io.penstock.job.Job;
import io.penstock.job.JobState;
import io.penstock.queue.JobPage;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks through jobs, a page at a time: queue after queue, state after state, newest first where the state has an order.
 *
 * <p>A page looks at no more than {@value #MOST_SCANNED} jobs, so a rare type makes short pages instead of slow ones;
 * {@code next} tells whether there is more.
 */
final class JobListApi {
    /** Jobs looked at for one page. */
    static final int MOST_SCANNED = 2_000;

    /** Jobs asked from Redis at once; with 256 KiB payloads a page of these is 12 MiB at worst. */
    private static final int STEP = 50;

    /** What is going on first, what is over last. */
    private static final List<JobState> ORDER = List.of(
            JobState.ACTIVE,
            JobState.WAITING,
            JobState.DELAYED,
            JobState.BLOCKED,
            JobState.FAILED,
            JobState.COMPLETED,
            JobState.CANCELLED);

    private final Engine engine;

    JobListApi(Engine engine) {
        this.engine = engine;
    }

    Route route() {
        return Route.get("/api/v1/jobs", this::list)
                .query("queue", "state", "type", "cursor", "limit")
                .asNarrow();
    }

    private Reply list(Call call) {
        String type = call.query("type");
        Walk walk = new Walk(queues(call), states(call), type == null ? null : Given.checked("type", type));
        String cursor = call.query("cursor");
        walk.from(cursor == null ? null : Cursor.decode(cursor));
        List<Job> page = walk.page(call.limit());
        String next = walk.next();
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Job job : page) {
                JobView.line(json, job, eye);
            }
            json.writeEndArray();
            Json.text(json, "next", next);
            json.writeEndObject();
        });
    }

    private List<String> queues(Call call) {
        String queue = call.query("queue");
        return queue == null
                ? engine.queues().stream().filter(call.caller()::sees).toList()
                : List.of(Given.queue(call, queue));
    }

    private static List<JobState> states(Call call) {
        String state = call.query("state");
        if (state == null) {
            return ORDER;
        }
        try {
            return List.of(JobState.of(state));
        } catch (IllegalArgumentException unknown) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter state: " + Text.shown(String.valueOf(unknown.getMessage())));
        }
    }

    /** The walk of one request. */
    private final class Walk {
        private final List<String> queues;
        private final List<JobState> states;
        private final @Nullable String type;
        private int queue;
        private int state;
        private int skip;
        private @Nullable String inner;

        Walk(List<String> queues, List<JobState> states, @Nullable String type) {
            this.queues = queues;
            this.states = states;
            this.type = type;
        }

        void from(@Nullable Cursor cursor) {
            if (cursor == null) {
                return;
            }
            queue = queues.indexOf(cursor.queue());
            state = states.indexOf(cursor.state());
            inner = cursor.inner();
            skip = cursor.skip();
            if (queue < 0 || state < 0) {
                throw Cursor.broken();
            }
        }

        List<Job> page(int limit) {
            List<Job> page = new ArrayList<>();
            int scanned = 0;
            while (!over() && page.size() < limit && scanned < MOST_SCANNED) {
                int wanted = Math.min(STEP, limit - page.size());
                JobPage part = part(wanted);
                scanned += Math.max(1, part.jobs().size());
                if (add(part.jobs(), page, limit)) {
                    step(part.next());
                }
            }
            return page;
        }

        /** Adds what fits; false = some of the part is left for the next page. */
        private boolean add(List<Job> part, List<Job> page, int limit) {
            for (int i = Math.min(skip, part.size()); i < part.size(); i++) {
                if (page.size() == limit) {
                    skip = i;
                    return false;
                }
                Job job = part.get(i);
                if (type == null || type.equals(job.type())) {
                    page.add(job);
                }
            }
            skip = 0;
            return true;
        }

        private JobPage part(int wanted) {
            try {
                return engine.list(queues.get(queue), states.get(state), inner, wanted);
            } catch (IllegalArgumentException foreign) {
                throw Cursor.broken();
            }
        }

        private void step(@Nullable String next) {
            inner = next;
            if (next == null && ++state == states.size()) {
                state = 0;
                queue++;
            }
        }

        private boolean over() {
            return queue >= queues.size();
        }

        @Nullable
        String next() {
            return over() ? null : new Cursor(queues.get(queue), states.get(state), skip, inner).encode();
        }
    }
}
