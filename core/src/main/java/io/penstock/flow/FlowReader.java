package io.penstock.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.JobId;
import io.penstock.queue.FlowStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Reads the hash of a flow for people. */
final class FlowReader {
    /** Fields that say how a flow or batch stands. */
    static final List<String> HEAD = List.of(
            "s", "x", "name", "at", "ended", "main", "total", "left", "completed", "failed", "cancelled", "added");

    private static final int PAGE = 500;

    /** Fields of the description of a node. */
    private static final int FIELDS = 9;

    private final FlowStore store;
    private final FlowId id;

    FlowReader(FlowStore store, FlowId id) {
        this.store = store;
        this.id = id;
    }

    /** Waits for an answer of Redis. */
    interface Waits {
        <T> T await(CompletionStage<T> stage);
    }

    static FlowView head(FlowId id, Map<String, byte[]> found) {
        String state = text(found, "s");
        boolean undoing = state.equals("running") && text(found, "x").equals("undo");
        return new FlowView(
                id,
                text(found, "name"),
                undoing ? "compensating" : state,
                Instant.ofEpochMilli(number(found, "at")),
                ended(found),
                (int) number(found, "main"),
                (int) number(found, "left"),
                (int) number(found, "completed"),
                (int) number(found, "failed"),
                (int) number(found, "cancelled"),
                List.of());
    }

    static BatchView batch(FlowId id, Map<String, byte[]> found) {
        return new BatchView(
                id,
                text(found, "name"),
                text(found, "s"),
                Instant.ofEpochMilli(number(found, "at")),
                ended(found),
                number(found, "added"),
                number(found, "completed"),
                number(found, "failed"),
                number(found, "cancelled"));
    }

    FlowView whole(FlowView head, Waits waits) {
        int total = (int) number(waits.await(store.read(id.key(), List.of("total"))), "total");
        List<String[]> parts = new ArrayList<>();
        StringBuilder letters = new StringBuilder();
        for (int from = 0; from < total; from += PAGE) {
            List<String> fields = new ArrayList<>();
            int to = Math.min(total, from + PAGE);
            for (int i = from; i < to; i++) {
                fields.addAll(List.of("g" + i, "n" + i));
            }
            Map<String, byte[]> found = waits.await(store.read(id.key(), fields));
            for (int i = from; i < to; i++) {
                parts.add(text(found, "g" + i).split("\t", -1));
                letters.append((text(found, "n" + i) + "b").charAt(0));
            }
        }
        List<FlowView.Node> nodes = new ArrayList<>();
        for (int i = 0; i < total; i++) {
            if (whole(parts, i)) {
                nodes.add(node(parts, i, letters.charAt(i)));
            }
        }
        return new FlowView(
                head.id(),
                head.name(),
                head.state(),
                head.createdAt(),
                head.endedAt(),
                head.jobs(),
                head.left(),
                head.completed(),
                head.failed(),
                head.cancelled(),
                nodes);
    }

    /** False for a node whose description was lost; fsck puts one in its place. */
    private static boolean whole(List<String[]> parts, int i) {
        return i < parts.size() && parts.get(i).length >= FIELDS;
    }

    private static FlowView.Node node(List<String[]> parts, int i, char letter) {
        String[] part = parts.get(i);
        boolean undo = part[3].equals("U");
        List<String> needs = undo || part[6].isEmpty()
                ? List.of()
                : Arrays.stream(part[6].split(","))
                        .map(Integer::parseInt)
                        .filter(child -> whole(parts, child))
                        .map(child -> parts.get(child)[7])
                        .toList();
        return new FlowView.Node(
                part[7],
                new JobId(part[0], part[1]),
                part[8],
                FlowStore.state(letter),
                OnFailure.of(part[3].charAt(0)),
                needs,
                undo ? part[7] : null);
    }

    static String text(Map<String, byte[]> found, String field) {
        byte[] value = found.get(field);
        return value == null ? "" : new String(value, UTF_8);
    }

    static long number(Map<String, byte[]> found, String field) {
        String text = text(found, field);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    static @Nullable Instant ended(Map<String, byte[]> found) {
        long millis = number(found, "ended");
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }
}
