package io.penstock.importer;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sidekiq 6 and later: each job is one JSON text, in a list for each queue or in one of three sorted sets for all queues.
 * Times are seconds with a fraction, from version 8 on millis. Learnt from what 6.4 writes and the documents of 7 and 8.
 */
final class SidekiqSource implements Source {
    private static final String WRAPPER = "JobWrapper";

    /** What {@code retry: true} means. */
    private static final int RETRIES = 25;

    /** Processes that are asked how busy they are. */
    private static final int MOST_PROCESSES = 1_000;

    private final Remote remote;
    private final String namespace;

    /** @param namespace of redis-namespace; empty = none */
    SidekiqSource(Remote remote, String namespace) {
        this.remote = remote;
        this.namespace = namespace.isEmpty() ? "" : namespace + ":";
        if (namespace.equals("pk") || namespace.startsWith("pk:")) {
            throw new IllegalArgumentException(
                    "prefix \"" + namespace + "\" is Penstock's own; nothing was read; give that of the source");
        }
    }

    @Override
    public List<String> queues() {
        return remote.texts("SMEMBERS", namespace + "queues").stream().sorted().toList();
    }

    @Override
    public List<Place> places(List<String> queues) {
        List<Place> places = new ArrayList<>();
        queues.forEach(queue -> places.add(Place.list(namespace + "queue:" + queue, queue)));
        places.add(Place.sorted(namespace + "schedule", "", "delayed"));
        places.add(Place.sorted(namespace + "retry", "", "delayed"));
        places.add(Place.sorted(namespace + "dead", "", "failed"));
        return places;
    }

    @Override
    public void survey(List<String> queues, Report report) {
        long busy = 0;
        List<String> processes = remote.texts("SMEMBERS", namespace + "processes");
        for (String process : processes.subList(0, Math.min(MOST_PROCESSES, processes.size()))) {
            String told = remote.texts("HGET", namespace + process, "busy").get(0);
            busy += told.matches("\\d{1,9}") ? Long.parseLong(told) : 0;
        }
        report.stays("active: a worker of the source has them", busy, List.of(processes.size() + " processes"));
        long cron =
                "set".equals(remote.type(namespace + "cron_jobs")) ? remote.count("SCARD", namespace + "cron_jobs") : 0;
        report.stays("jobs of sidekiq-cron: make schedules", cron, List.of());
        if ("hash".equals(remote.type(namespace + "schedules"))) {
            report.stays(
                    "schedules of sidekiq-scheduler: make schedules",
                    remote.count("HLEN", namespace + "schedules"),
                    List.of());
        }
    }

    @Override
    public List<Draft> load(Place place, List<Member> members) {
        List<Draft> drafts = new ArrayList<>(members.size());
        for (Member member : members) {
            drafts.add(draft(place, member));
        }
        return drafts;
    }

    private static Draft draft(Place place, Member member) {
        if (member.bytes().length > Payloads.MOST_BYTES) {
            return new Draft(member, "(large)", queue(place, null)).broken(ImportRun.tooLarge());
        }
        JsonNode job = Json.read(member.bytes());
        if (job == null || !job.isObject()) {
            return new Draft(member, Draft.cut(member.text(), 32), queue(place, null))
                    .broken("it is not JSON, or no object");
        }
        Draft draft = new Draft(member, job.path("jid").asText(""), queue(place, job));
        draft.failed = place.state().equals("failed");
        if (job.path("class").asText("").isEmpty() || !job.path("args").isArray()) {
            return draft.broken("it names no class, or its args are no array");
        }
        fill(draft, job, place);
        return draft;
    }

    private static String queue(Place place, @Nullable JsonNode job) {
        String told = job == null ? "" : job.path("queue").asText("");
        return !place.queue().isEmpty() ? place.queue() : told.isEmpty() ? "default" : told;
    }

    private static void fill(Draft draft, JsonNode job, Place place) {
        draft.name = job.path("class").asText();
        JsonNode args = job.path("args");
        if (job.path("wrapped").isTextual() && (draft.name.endsWith(WRAPPER) || draft.name.endsWith("::Wrapper"))) {
            draft.name = job.path("wrapped").asText();
            draft.note("import.activeJobId", args.path(0).path("job_id").asText(""));
            args = args.path(0).path("arguments").isArray() ? args.path(0).path("arguments") : args;
        }
        draft.payload = args.toString();
        Instant created = Json.seconds(job.path("created_at"));
        draft.createdAt = created == null ? Json.seconds(job.path("enqueued_at")) : created;
        if (draft.createdAt == null) {
            draft.warn("no time of creation: that of the import is taken");
        }
        draft.mark = job.path("created_at").asText("") + (draft.id.isEmpty() ? draft.payload : "");
        JsonNode retry = job.path("retry");
        int retries = retry.isInt() ? retry.asInt() : retry.isBoolean() && !retry.asBoolean() ? 0 : RETRIES;
        int made = job.path("retry_count").isInt() ? job.path("retry_count").asInt() + 1 : 0;
        draft.attempts(draft.failed ? Math.max(1, made) : made, retries + 1L);
        if (place.state().equals("delayed")) {
            draft.runAt = Json.millis((long) Math.floor(draft.member.number() * 1_000));
        }
        error(draft, job);
        if (job.has("bid")) {
            draft.warn("member of a batch: its callbacks stay behind");
        }
        if (job.path("encrypt").asBoolean(false)) {
            draft.warn("its last argument is encrypted and stays so");
        }
        if (job.has("unique_for") || job.has("lock")) {
            draft.warn("its uniqueness is not taken over");
        }
    }

    private static void error(Draft draft, JsonNode job) {
        if (job.path("error_class").isTextual()) {
            draft.errorType = job.path("error_class").asText();
        }
        if (job.path("error_message").isTextual()) {
            draft.errorMessage = job.path("error_message").asText();
        }
        String trace = job.path("error_backtrace").asText("");
        draft.errorStack = draft.failed && !trace.isEmpty() ? Backtrace.read(trace) : null;
        Instant failed = Json.seconds(job.path("failed_at"));
        if (draft.failed && failed != null) {
            draft.note("import.failedAt", failed.toString());
        }
    }

    /** The job itself is what stands there, so nothing else has to go. */
    @Override
    public List<Boolean> remove(Place place, List<Draft> imported) {
        List<CompletionStage<List<Object>>> asked = new ArrayList<>(imported.size());
        for (Draft draft : imported) {
            asked.add(remote.askOut(place, draft.member));
        }
        return remote.timed(asked).stream()
                .map(answer -> Remote.number(answer.get(0)) > 0)
                .toList();
    }
}
