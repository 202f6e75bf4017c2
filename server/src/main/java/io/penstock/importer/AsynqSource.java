package io.penstock.importer;

import io.penstock.redis.Redis;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * asynq from 0.18 on: a hash {@code asynq:{queue}:t:id} for each task with its protobuf message in {@code msg}, and ids in
 * a list and three sorted sets whose scores are seconds.
 */
final class AsynqSource implements Source {
    /** Groups of a queue that are counted. */
    private static final int MOST_GROUPS = 1_000;

    private final Remote remote;

    AsynqSource(Remote remote) {
        this.remote = remote;
    }

    private static String key(String queue, String rest) {
        return "asynq:{" + queue + "}:" + rest;
    }

    @Override
    public List<String> queues() {
        return remote.texts("SMEMBERS", "asynq:queues").stream().sorted().toList();
    }

    @Override
    public List<Place> places(List<String> queues) {
        List<Place> places = new ArrayList<>();
        for (String queue : queues) {
            places.add(Place.list(key(queue, "pending"), queue));
            places.add(Place.sorted(key(queue, "scheduled"), queue, "delayed"));
            places.add(Place.sorted(key(queue, "retry"), queue, "delayed"));
            places.add(Place.sorted(key(queue, "archived"), queue, "failed"));
        }
        return places;
    }

    @Override
    public void survey(List<String> queues, Report report) {
        for (String queue : queues) {
            long active = remote.count("LLEN", key(queue, "active"));
            report.stays("active: a worker of the source has them", active, List.of(queue + ": " + active));
            long completed = remote.count("ZCARD", key(queue, "completed"));
            report.stays("completed", completed, List.of(queue + ": " + completed));
            List<String> groups = remote.texts("SMEMBERS", key(queue, "groups"));
            long gathered = 0;
            for (String group : groups.subList(0, Math.min(MOST_GROUPS, groups.size()))) {
                gathered += remote.count("ZCARD", key(queue, "g:" + group));
            }
            report.stays(
                    "tasks that are being gathered in groups",
                    gathered,
                    List.of(queue + ": " + groups.size() + " groups"));
        }
        report.stays(
                "schedulers: make schedules of what they enqueue",
                remote.count("ZCARD", "asynq:schedulers"),
                List.of());
    }

    @Override
    public List<Draft> load(Place place, List<Member> members) {
        List<Draft> drafts = new ArrayList<>(members.size());
        List<CompletionStage<List<Object>>> sizes = new ArrayList<>(members.size());
        for (Member member : members) {
            Draft draft = new Draft(member, member.text(), place.queue());
            draft.failed = place.state().equals("failed");
            drafts.add(draft);
            sizes.add(remote.ask("HSTRLEN", key(place.queue(), "t:" + draft.id), "msg"));
        }
        List<List<Object>> known = remote.timed(sizes);
        List<Draft> group = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < drafts.size(); i++) {
            long size = Remote.number(known.get(i).get(0));
            if (size > Payloads.MOST_BYTES) {
                drafts.get(i).broken(ImportRun.tooLarge());
                continue;
            }
            if (bytes + size > Payloads.TOGETHER_BYTES) {
                read(place, group);
                group.clear();
                bytes = 0;
            }
            bytes += size;
            group.add(drafts.get(i));
        }
        read(place, group);
        return drafts;
    }

    private void read(Place place, List<Draft> group) {
        List<CompletionStage<List<Object>>> asked = new ArrayList<>(group.size());
        for (Draft draft : group) {
            asked.add(remote.ask("HGET", key(place.queue(), "t:" + draft.id), "msg"));
        }
        List<List<Object>> answers = remote.timed(asked);
        for (int i = 0; i < group.size(); i++) {
            Draft draft = group.get(i);
            Object message = answers.get(i).get(0);
            if (message == null) {
                draft.broken("an id without a job behind it");
                continue;
            }
            try {
                fill(draft, TaskMessage.read((byte[]) message), place);
            } catch (IllegalArgumentException unreadable) {
                draft.broken("its message can not be read");
            }
        }
    }

    private static void fill(Draft draft, TaskMessage task, Place place) {
        draft.name = task.type;
        draft.mark = task.type + Integer.toHexString(java.util.Arrays.hashCode(task.payload));
        payload(draft, task.payload);
        // asynq does not say when a task was made
        draft.errorMessage = task.errorMessage.isEmpty() ? null : task.errorMessage;
        boolean last = draft.failed && !task.errorMessage.isEmpty(); // the try that ended it is not counted as a retry
        draft.attempts((int) Math.min(task.retried + (last ? 1 : 0), Integer.MAX_VALUE), task.retry + 1);
        draft.timeout(Math.min(task.timeoutSeconds, Integer.MAX_VALUE) * 1_000);
        if (place.state().equals("delayed")) {
            draft.runAt = Json.millis((long) (draft.member.number() * 1_000));
        }
        var failed = Json.millis(task.lastFailedSeconds * 1_000);
        if (failed != null) {
            draft.note("import.failedAt", failed.toString());
        }
        if (task.deadlineSeconds > 0) {
            draft.note("import.deadline", String.valueOf(Json.millis(task.deadlineSeconds * 1_000)));
            draft.warn("its deadline is kept as metadata only");
        }
        if (!task.uniqueKey.isEmpty()) {
            draft.warn("its uniqueness is not taken over");
        }
        draft.note("import.group", task.groupKey);
        task.headers.forEach((key, value) -> draft.note("header." + Draft.cut(key, 200), value));
    }

    /** Any bytes may be a payload there: JSON stays what it is, other text becomes a string, the rest base 64. */
    private static void payload(Draft draft, byte[] bytes) {
        String json = bytes.length == 0 ? "null" : Json.raw(bytes);
        if (json != null) {
            draft.payload = json;
            return;
        }
        String text = text(bytes);
        if (text != null) {
            draft.payload = Json.object().textNode(text).toString();
            draft.warn("its payload is text, not JSON: it becomes a string");
        } else {
            draft.payload = Json.object()
                    .put("base64", Base64.getEncoder().encodeToString(bytes))
                    .toString();
            draft.warn("its payload is neither JSON nor text: it becomes {\"base64\": ...}");
        }
    }

    private static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }

    @Override
    public List<Boolean> remove(Place place, List<Draft> imported) {
        List<CompletionStage<List<Object>>> asked = new ArrayList<>(imported.size() * 2);
        for (Draft draft : imported) {
            asked.add(remote.ask("HGET", key(place.queue(), "t:" + draft.id), "unique_key"));
            asked.add(remote.askOut(place, draft.member));
        }
        List<List<Object>> answers = remote.timed(asked);
        List<Boolean> gone = new ArrayList<>(imported.size());
        List<CompletionStage<List<Object>>> rest = new ArrayList<>();
        for (int i = 0; i < imported.size(); i++) {
            boolean ours = Remote.number(answers.get(2 * i + 1).get(0)) > 0;
            gone.add(ours);
            if (ours) {
                Object unique = answers.get(2 * i).get(0);
                rest.add(remote.ask("UNLINK", key(place.queue(), "t:" + imported.get(i).id)));
                if (unique != null && imported.get(i).id.equals(held(Redis.text(unique)))) {
                    rest.add(remote.ask("UNLINK", Redis.text(unique)));
                }
            }
        }
        remote.timed(rest);
        return gone;
    }

    private String held(String unique) {
        return remote.texts("GET", unique).get(0);
    }
}
