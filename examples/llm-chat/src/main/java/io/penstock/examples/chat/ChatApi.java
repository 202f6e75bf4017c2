package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.Payload;
import io.penstock.job.Unique;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asking, and reading what was asked: {@code /api/chat}. */
final class ChatApi {
    private static final int MOST_QUESTION_CHARS = 16_000;
    private static final Duration KEY_LIFE = Duration.ofHours(24);

    private final Penstock penstock;
    private final Agents agents;
    private final History history;
    private final Gatekeeper gate;
    private final Delivery delivery;
    private final boolean webhooks;

    /**
     * What a caller sends.
     *
     * @param conversation null = a new one
     * @param agent null = {@code default}
     */
    record Ask(
            @Nullable String message,
            @Nullable String conversation,
            @Nullable String agent,
            @Nullable String email,
            @Nullable String webhook) {}

    ChatApi(Penstock penstock, Agents agents, History history, Gatekeeper gate, Delivery delivery, boolean webhooks) {
        this.penstock = penstock;
        this.agents = agents;
        this.history = history;
        this.gate = gate;
        this.delivery = delivery;
        this.webhooks = webhooks;
    }

    void route(Front front) {
        front.route("POST /api/chat", this::ask)
                .route("GET /api/chat", this::list)
                .route("GET /api/chat/*", this::show)
                .route("DELETE /api/chat/*", this::delete);
    }

    private void ask(Request request) {
        String tenant = request.tenant();
        Ask ask = request.json(Ask.class);
        ChatTurn turn = checked(tenant, ask);
        Agent agent = agents.find(turn.agent());
        if (agent == null) {
            throw Problem.notFound("agent " + turn.agent());
        }
        gate.enter(tenant, agent);
        String key = key(request);
        // who does not wait, or is told elsewhere, has not left when the connection ends
        boolean told = ask.email() != null || ask.webhook() != null || "0".equals(request.query("wait"));
        Unique work = told ? null : Unique.whilePending(same(tenant, ask, turn, agent));
        String once = key == null ? null : tenant + ":" + key;
        String id = key == null ? UUID.randomUUID().toString() : named("turn " + once);
        Enqueued answer = penstock.enqueue(ChatTurn.TYPE, turn, options -> options(options, agent, work, once));
        if (answer instanceof Enqueued.Refused no) {
            throw Problem.refused(no);
        }
        if (answer instanceof Enqueued.Duplicate twin && twin.again()) {
            repeat(request, tenant, turn, twin.id(), id);
            return;
        }
        boolean shared = answer instanceof Enqueued.Duplicate;
        JobId job = shared ? ((Enqueued.Duplicate) answer).id() : ((Enqueued.Accepted) answer).id();
        history.add(id, tenant, turn, job);
        delivery.deliver(
                request, new Delivery.Order(tenant, id, turn.conversation(), job, shared, told || key != null));
    }

    /** The same key again: the same answer, whether it is there already or not. */
    private void repeat(Request request, String tenant, ChatTurn turn, JobId job, String id) {
        History.Entry first = history.turn(tenant, id);
        if (first == null) {
            throw new Problem(
                    409, "in-progress", "the first request of this key is just coming in", Duration.ofSeconds(1));
        }
        if (!first.question().equals(turn.question()) || !first.agent().equals(turn.agent())) {
            throw Problem.of(422, "key-reused", "this Idempotency-Key belongs to another question; nothing was done");
        }
        delivery.deliver(request, new Delivery.Order(tenant, first.id(), first.conversation(), job, true, true));
    }

    private ChatTurn checked(String tenant, Ask ask) {
        String question = ask.message() == null ? "" : ask.message().strip();
        if (question.isEmpty() || question.length() > MOST_QUESTION_CHARS) {
            throw Problem.illegal(
                    "message has " + question.length() + " characters, legal is 1 to " + MOST_QUESTION_CHARS);
        }
        if (question.indexOf(0) >= 0) {
            throw Problem.illegal("message has the character U+0000, which not every database keeps");
        }
        if (ask.conversation() != null && !ask.conversation().matches("[0-9a-f-]{36}")) {
            throw Problem.illegal("conversation is none of ours");
        }
        if (ask.email() != null && !ask.email().matches("[^@\\s,<>\"]{1,64}@[^@\\s,<>\"]{1,190}")) {
            throw Problem.illegal("email is not one address");
        }
        if (ask.webhook() != null && (!webhooks || !ask.webhook().matches("https?://\\S{1,1000}"))) {
            throw Problem.illegal("webhook is not an address that may be told");
        }
        String conversation = ask.conversation() == null ? UUID.randomUUID().toString() : ask.conversation();
        String agent = ask.agent() == null ? "default" : ask.agent();
        return new ChatTurn(tenant, agent, conversation, question, ask.email(), ask.webhook());
    }

    /**
     * At most so many turns of an agent run at once; equal questions that are under way share a job, but for those that are told
     * elsewhere: each is told of its own. And a request with an Idempotency-Key that comes again gets its job again, for a day.
     */
    private static JobOptions options(JobOptions options, Agent agent, @Nullable Unique work, @Nullable String once) {
        JobOptions limited = options.limit("agent:" + agent.id(), agent.concurrent());
        JobOptions shared = work == null ? limited : limited.unique(work);
        return once == null ? shared : shared.once(once, KEY_LIFE);
    }

    /** The same turn for the same request, whichever job it shares. */
    private static String named(String what) {
        return UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static String same(String tenant, Ask ask, ChatTurn turn, Agent agent) {
        byte[] all = Payload.encode(
                List.of(tenant, agent, ask.conversation() == null ? "" : ask.conversation(), turn.question()));
        try {
            return "same:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(all));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    private static @Nullable String key(Request request) {
        String key = request.header("Idempotency-Key");
        if (key != null && !key.matches("[!-~]{1,100}")) {
            throw Problem.illegal("Idempotency-Key is not 1 to 100 printable characters");
        }
        return key;
    }

    private void list(Request request) {
        String limit = request.query("limit");
        int most =
                limit == null || !limit.matches("\\d{1,3}") ? 20 : Math.max(1, Math.min(100, Integer.parseInt(limit)));
        request.answer(200, Map.of("items", history.conversations(request.tenant(), most)));
    }

    /** Shows a conversation; who wants events is told of its last turn as it goes on. */
    private void show(Request request) {
        String tenant = request.tenant();
        List<History.Entry> entries = history.conversation(tenant, request.id());
        if (entries.isEmpty()) {
            throw Problem.notFound("this conversation");
        }
        History.Entry last = entries.get(entries.size() - 1);
        if (Delivery.wantsEvents(request)) {
            JobId job = JobId.parse(last.job());
            delivery.deliver(request, new Delivery.Order(tenant, last.id(), last.conversation(), job, true, true));
            return;
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", last.conversation());
        shown.put("agent", last.agent());
        shown.put("turns", entries.stream().map(this::shown).toList());
        request.answer(200, shown);
    }

    private Map<String, Object> shown(History.Entry entry) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("turn", entry.id());
        shown.put("job", entry.job());
        shown.put("askedAt", entry.askedAt());
        shown.put("question", entry.question());
        if (entry.answer() != null) {
            shown.put("state", "cancelled".equals(entry.ending()) ? "cancelled" : "completed");
            shown.put("answer", entry.answer());
            shown.put("ending", entry.ending());
            shown.put("tokens", entry.tokens());
            return shown;
        }
        Job job = penstock.job(JobId.parse(entry.job())).orElse(null);
        shown.put("state", job == null ? "gone" : job.state().wire());
        if (job != null && job.error() != null) {
            shown.put("error", job.error().message());
        }
        if (job != null && job.progress() != null) {
            shown.put("progress", Payload.tree(job.progress().getBytes(StandardCharsets.UTF_8)));
        }
        return shown;
    }

    private void delete(Request request) {
        String tenant = request.tenant();
        for (History.Entry entry : history.conversation(tenant, request.id())) {
            if (entry.answer() == null) {
                JobId job = JobId.parse(entry.job());
                penstock.queue(job.queue()).cancel(job);
            }
        }
        if (history.delete(tenant, request.id()) == 0) {
            throw Problem.notFound("this conversation");
        }
        request.send(204, "", new byte[0]);
    }
}
