package io.penstock.importer;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.Backoff;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Bull and BullMQ have in common: a hash for each job at {@code prefix:queue:id}, whose {@code data} and {@code opts}
 * are JSON, and ids in lists and sorted sets beside it. Learnt from what Bull 3.29 and 4.16 and BullMQ 4.18 to 6.7 write.
 */
abstract class BullJobs implements Source {
    private static final String[] FIELDS = {
        "name",
        "data",
        "opts",
        "timestamp",
        "attemptsMade",
        "atm",
        "failedReason",
        "finishedOn",
        "priority",
        "parentKey",
        "rjk",
        "deid",
        "stacktrace"
    };

    /** Stacks longer than this are left where they are. */
    private static final long LONGEST_STACK = 256 << 10;

    /** A score of the delayed set is millis and 12 bits of order. */
    private static final double ORDER = 0x1000;

    /** Queues that one import looks for; a system with more of them must name those it wants. */
    private static final int MOST_QUEUES = 10_000;

    private static final Pattern ERROR = Pattern.compile("^(?:Uncaught )?([A-Za-z_$][\\w$.]{0,99}):? ?");

    final Remote remote;
    private final String prefix;
    private final Levels levels;
    private final String prioritised;

    /** @param prioritised what a job becomes whose priority is told and whose number is not mapped */
    BullJobs(Remote remote, String prefix, Levels levels, String prioritised) {
        this.remote = remote;
        this.prefix = prefix;
        this.levels = levels;
        this.prioritised = prioritised;
        if (prefix.isEmpty() || prefix.equals("pk") || prefix.startsWith("pk:")) {
            throw new IllegalArgumentException("prefix \"" + prefix
                    + "\" is empty or Penstock's own; nothing was read; give that of the source, such as bull");
        }
    }

    String key(String queue, String rest) {
        return prefix + ":" + queue + ":" + rest;
    }

    /** Names of queues by their counters of ids, which every queue has that ever got a job. */
    @Override
    public List<String> queues() {
        if (remote.cluster()) {
            throw new IllegalArgumentException("the queues of a Cluster are not looked for, since SCAN sees one of its"
                    + " servers; nothing was read; name them with --queue");
        }
        Set<String> names = new TreeSet<>();
        try {
            String pattern = prefix.replaceAll("([\\[\\]*?\\\\])", "\\\\$1") + ":*:id";
            remote.scan(pattern, key -> {
                if (names.size() < MOST_QUEUES) {
                    names.add(key.substring(prefix.length() + 1, key.length() - ":id".length()));
                }
            });
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        names.removeIf(name -> !"string".equals(remote.type(key(name, "id"))));
        return List.copyOf(names);
    }

    /** Whether it is BullMQ that keeps this queue, which writes its version beside it. */
    boolean ofBullMq(String queue) {
        Object version = remote.run("HGET", key(queue, "meta"), "version").get(0);
        return version != null && Redis.text(version).startsWith("bullmq");
    }

    /** Tells of what stays with both. */
    void survey(String queue, Report report) {
        long active = remote.count("LLEN", key(queue, "active"));
        report.stays("active: a worker of the source has them", active, List.of(queue + ": " + active));
        long completed = remote.count("ZCARD", key(queue, "completed"));
        report.stays("completed", completed, List.of(queue + ": " + completed));
    }

    /** Reads the jobs of these ids, large payloads not at all. */
    @Override
    public List<Draft> load(Place place, List<Member> members) {
        List<Draft> drafts = new ArrayList<>(members.size());
        List<CompletionStage<List<Object>>> sizes = new ArrayList<>(members.size() * 2);
        for (Member member : members) {
            Draft draft = new Draft(member, member.text(), place.queue());
            draft.failed = place.state().equals("failed");
            drafts.add(draft);
            sizes.add(remote.ask("HSTRLEN", key(place.queue(), draft.id), "data"));
            sizes.add(remote.ask("HSTRLEN", key(place.queue(), draft.id), "stacktrace"));
        }
        List<List<Object>> known = remote.timed(sizes);
        List<Draft> group = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            long data = Remote.number(known.get(2 * i).get(0));
            long stack = Remote.number(known.get(2 * i + 1).get(0));
            if (data > Payloads.MOST_BYTES) {
                draft.broken(ImportRun.tooLarge());
                continue;
            }
            if (bytes + data + stack > Payloads.TOGETHER_BYTES) {
                read(place, group);
                group.clear();
                bytes = 0;
            }
            bytes += data + Math.min(stack, LONGEST_STACK);
            draft.errorStack = draft.failed && stack <= LONGEST_STACK ? "" : null;
            group.add(draft);
        }
        read(place, group);
        return drafts;
    }

    private void read(Place place, List<Draft> group) {
        List<CompletionStage<List<Object>>> asked = new ArrayList<>(group.size());
        for (Draft draft : group) {
            Object[] fields = draft.errorStack == null ? java.util.Arrays.copyOf(FIELDS, FIELDS.length - 1) : FIELDS;
            asked.add(remote.ask("HMGET", key(place.queue(), draft.id), fields));
        }
        List<List<Object>> answers = remote.timed(asked);
        for (int i = 0; i < group.size(); i++) {
            Map<String, byte[]> hash = new HashMap<>();
            for (int f = 0; f < answers.get(i).size(); f++) {
                if (answers.get(i).get(f) != null) {
                    hash.put(FIELDS[f], (byte[]) answers.get(i).get(f));
                }
            }
            fill(group.get(i), hash, place);
        }
    }

    private void fill(Draft draft, Map<String, byte[]> hash, Place place) {
        draft.errorStack = null;
        if (draft.id.startsWith("0:")) {
            draft.left("a marker of BullMQ's, no job");
        } else if (hash.isEmpty()) {
            draft.broken("an id without a job behind it");
        } else if (draft.id.startsWith("repeat:") || hash.containsKey("rjk")) {
            draft.left("the next run of a repeatable job: make a schedule instead, see staysBehind");
        } else if (hash.containsKey("parentKey")) {
            draft.left("a child of a flow: its parent waits for it there");
        } else {
            job(draft, hash, place);
        }
    }

    private void job(Draft draft, Map<String, byte[]> hash, Place place) {
        String payload = Json.raw(hash.getOrDefault("data", "{}".getBytes(StandardCharsets.UTF_8)));
        if (payload == null) {
            draft.broken("its data is not JSON");
            return;
        }
        draft.payload = payload;
        String name = text(hash, "name");
        draft.name = name.isEmpty() || name.equals("__default__") ? draft.queue : name;
        draft.createdAt = Json.millis(number(hash, "timestamp", 0));
        draft.mark = text(hash, "timestamp");
        if (draft.createdAt == null) {
            draft.warn("no time of creation: that of the import is taken");
        }
        JsonNode opts = hash.containsKey("opts") ? Json.read(hash.get("opts")) : Json.object();
        if (opts == null || !opts.isObject()) {
            draft.warn("its options can not be read: those of its type apply");
            opts = Json.object();
        } else {
            long most = opts.path("attempts").asLong(1);
            long made = Math.max(number(hash, "attemptsMade", 0), number(hash, "atm", 0));
            draft.attempts((int) Math.min(made, Integer.MAX_VALUE), Math.max(1, most));
        }
        draft.backoff = backoff(draft, opts.path("backoff"));
        draft.timeout(opts.path("timeout").asLong(0));
        draft.note("import.deduplication", text(hash, "deid"));
        int priority = (int) number(hash, "priority", 0);
        draft.priority = priority == 0 ? "normal" : levels.of(priority, prioritised);
        if (place.state().equals("delayed")) {
            draft.runAt = Json.millis((long) Math.floor(draft.member.number() / ORDER));
        }
        error(draft, hash);
    }

    private static void error(Draft draft, Map<String, byte[]> hash) {
        String reason = text(hash, "failedReason");
        draft.errorMessage = reason.isEmpty() ? null : reason;
        JsonNode stacks = hash.containsKey("stacktrace") ? Json.read(hash.get("stacktrace")) : null;
        if (stacks != null && stacks.isArray() && !stacks.isEmpty()) {
            String last = stacks.get(stacks.size() - 1).asText();
            draft.errorStack = last.isEmpty() ? null : last;
            Matcher type = ERROR.matcher(last);
            if (type.find()) {
                draft.errorType = type.group(1);
            }
        }
        Instant failed = Json.millis(number(hash, "finishedOn", 0));
        if (draft.failed && failed != null) {
            draft.note("import.failedAt", failed.toString());
        }
    }

    /** Bull has no ceiling; ours is as high as it can be. */
    private static @Nullable Backoff backoff(Draft draft, JsonNode told) {
        boolean plain = told.isNumber();
        String type = plain ? "fixed" : told.path("type").asText("");
        long millis = plain ? told.asLong() : told.path("delay").asLong(0);
        if (type.isEmpty() || millis <= 0) {
            if (!type.isEmpty() && !type.equals("fixed") && !type.equals("exponential")) {
                draft.warn("backoff of its own making: that of its type applies");
            }
            return null;
        }
        Duration delay = Duration.ofMillis(Math.min(millis, Backoff.LONGEST.toMillis()));
        double jitter = Math.max(0, Math.min(1, told.path("jitter").asDouble(0)));
        return switch (type) {
            case "fixed" -> Backoff.fixed(delay).jitter(jitter);
            case "exponential" ->
                Backoff.exponential(delay).max(Backoff.LONGEST).jitter(jitter);
            default -> {
                draft.warn("backoff of its own making: that of its type applies");
                yield null;
            }
        };
    }

    private static String text(Map<String, byte[]> hash, String field) {
        byte[] value = hash.get(field);
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    static long number(Map<String, byte[]> hash, String field, long otherwise) {
        try {
            return (long) Double.parseDouble(text(hash, field));
        } catch (NumberFormatException none) {
            return otherwise;
        }
    }

    /** First out of its place, so that no worker can take it any more; then what is known of it. */
    @Override
    public List<Boolean> remove(Place place, List<Draft> imported) {
        List<CompletionStage<List<Object>>> asked = new ArrayList<>(imported.size());
        for (Draft draft : imported) {
            asked.add(remote.askOut(place, draft.member));
        }
        List<Boolean> gone = new ArrayList<>(imported.size());
        for (List<Object> answer : remote.timed(asked)) {
            gone.add(Remote.number(answer.get(0)) > 0);
        }
        List<CompletionStage<List<Object>>> rest = new ArrayList<>();
        for (int i = 0; i < imported.size(); i++) {
            if (gone.get(i)) {
                String id = imported.get(i).id;
                rest.add(remote.ask("ZREM", key(place.queue(), "priority"), id));
                rest.add(remote.ask("UNLINK", key(place.queue(), id)));
                rest.add(remote.ask("UNLINK", key(place.queue(), id + ":logs")));
            }
        }
        remote.timed(rest);
        return gone;
    }
}
