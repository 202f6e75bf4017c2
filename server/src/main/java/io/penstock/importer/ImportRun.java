package io.penstock.importer;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One import from one Redis: reads slice by slice, sends, and removes from the source, if told so, what is in for sure.
 *
 * <p>Memory: one slice, at most {@value Walk#MOST} jobs, and lines of at most {@value #REQUEST_BYTES} bytes. Nothing is
 * remembered of what was done but at the target, under each job's origin; so it can be stopped at any point and run again.
 */
public final class ImportRun {
    /** Below the limit of a request body, with room for the last line. */
    private static final int REQUEST_BYTES = 700_000;

    /** Longest line that fits into a request at all. */
    private static final int LONGEST_LINE = 1_000_000;

    /**
     * What it is asked to do.
     *
     * @param prefix of the source's keys; empty where it has none
     * @param queues those to take, and what they are called here, empty = as there; none named = all
     * @param types names of jobs that are called otherwise here
     * @param states waiting, delayed, failed
     * @param priorities numbers of the source, and what those up to them become
     */
    public record Wish(
            String system,
            String prefix,
            Map<String, String> queues,
            Map<String, String> types,
            Set<String> states,
            Map<Integer, String> priorities,
            boolean retryFailed,
            boolean dryRun,
            boolean deleteSource) {}

    /** Takes lines of {@code jobs:import}. */
    public interface Target {
        /** Returns {@code ids} in the order of the lines, null where there is none, and {@code errors} by place. */
        JsonNode send(String lines) throws InterruptedException;

        /** Returns how many jobs were already there before, of all that were sent. */
        long duplicates();
    }

    private final Wish wish;
    private final Remote remote;
    private final Source source;
    private final Target target;
    private final Report report = new Report();
    private final Naming queues;
    private final Naming types;
    private final String address;
    private LongConsumer progress = read -> {};
    private long read;

    /** Prepares a run. */
    public ImportRun(Wish wish, Redis redis, Clock clock, Target target) {
        this.wish = wish;
        this.remote = new Remote(redis, clock);
        this.source = source(wish, remote);
        this.target = target;
        Map<String, String> renamed = new TreeMap<>(wish.queues());
        renamed.values().removeIf(String::isEmpty);
        this.queues = new Naming("queue", renamed);
        this.types = new Naming("type", wish.types());
        this.address =
                redis.config().uri().replaceAll("^[a-z-]+://(?:[^@/]*@)?", "").replaceAll("\\?.*", "");
    }

    private static Source source(Wish wish, Remote remote) {
        Levels levels = new Levels(wish.priorities());
        return switch (wish.system()) {
            case "bull" -> new BullSource(remote, wish.prefix(), levels);
            case "bullmq" -> new BullMqSource(remote, wish.prefix(), levels);
            case "sidekiq" -> new SidekiqSource(remote, wish.prefix());
            case "asynq" -> new AsynqSource(remote);
            default -> throw new IllegalArgumentException("no system \"" + wish.system() + "\"");
        };
    }

    /** Names who is told, after each slice, how many jobs have been read. */
    public void onProgress(LongConsumer told) {
        progress = told;
    }

    /** Does it; answers what was done. */
    public Report run() throws InterruptedException {
        List<String> chosen = chosen();
        source.survey(chosen, report);
        for (Place place : source.places(chosen)) {
            if (wish.states().contains(place.state())) {
                walk(place, chosen);
            }
        }
        return report;
    }

    /** Longest time, in millis, that the source took for one slice. */
    public long slowestMillis() {
        return remote.slowestMillis();
    }

    private List<String> chosen() {
        if (wish.queues().isEmpty()) {
            return source.queues();
        }
        return List.copyOf(new TreeSet<>(wish.queues().keySet()));
    }

    private void walk(Place place, List<String> chosen) throws InterruptedException {
        Walk walk = new Walk(remote, place);
        for (List<Member> slice = walk.next(); !slice.isEmpty(); slice = walk.next()) {
            List<Draft> drafts = source.load(place, slice);
            remote.rest();
            Batch batch = new Batch(place, walk);
            for (Draft draft : drafts) {
                if (place.queue().isEmpty() && !wish.queues().isEmpty() && !chosen.contains(draft.queue)) {
                    continue;
                }
                report.found(draft, place);
                batch.add(draft);
            }
            batch.flush();
            read += slice.size();
            progress.accept(read);
            remote.rest();
        }
    }

    /** Identifies a job across runs; another job of the same id, made at another time, is another one. */
    private String origin(Draft draft) {
        String all = String.join(
                "\u0000", wish.system(), address, wish.prefix(), draft.queue, draft.id, draft.name, draft.mark);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return wish.system() + ":" + HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Jobs of one place that go in one request. */
    private final class Batch {
        private final Place place;
        private final Walk walk;
        private final StringBuilder lines = new StringBuilder();
        private final List<Draft> drafts = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Batch(Place place, Walk walk) {
            this.place = place;
            this.walk = walk;
        }

        void add(Draft draft) throws InterruptedException {
            Draft.Skip skip = draft.skip;
            if (skip != null) {
                report.notTaken(draft, place, skip.reason(), skip.broken());
                return;
            }
            Naming.Named queue = queues.of(draft.queue);
            Naming.Named type = types.of(draft.name);
            String clash = queue.clash() == null ? type.clash() : queue.clash();
            if (clash != null) {
                report.notTaken(draft, place, clash, true);
                return;
            }
            note(draft);
            String line = draft.line(
                            queue.name(),
                            type.name(),
                            origin(draft),
                            Instant.ofEpochMilli(remote.clock().millis()))
                    .toString();
            if (line.getBytes(StandardCharsets.UTF_8).length > LONGEST_LINE) {
                report.notTaken(draft, place, tooLarge(), true);
                return;
            }
            lines.append(line).append('\n');
            drafts.add(draft);
            names.add(queue.name());
            if (lines.length() > REQUEST_BYTES) {
                flush();
            }
        }

        private void note(Draft draft) {
            if (draft.failed && wish.retryFailed()) {
                draft.failed = false;
                draft.attempts = 0;
                draft.runAt = null;
            }
            draft.note("import.from", wish.system());
            draft.note("import.queue", draft.queue);
            draft.note("import.id", draft.id);
            draft.note("import.name", draft.name);
        }

        void flush() throws InterruptedException {
            if (drafts.isEmpty()) {
                return;
            }
            if (!wish.dryRun()) {
                long known = target.duplicates();
                JsonNode answer = target.send(lines.toString());
                settle(answer, target.duplicates() - known);
            } else {
                for (int i = 0; i < drafts.size(); i++) {
                    report.imported(drafts.get(i), place, names.get(i), false);
                }
            }
            lines.setLength(0);
            drafts.clear();
            names.clear();
        }

        private void settle(JsonNode answer, long before) {
            List<Draft> in = new ArrayList<>(drafts.size());
            long told = before;
            for (int i = 0; i < drafts.size(); i++) {
                Draft draft = drafts.get(i);
                if (answer.path("ids").path(i).isTextual()) {
                    // which of them were there before is not said, only how many: the first ones stand for them
                    report.imported(draft, place, names.get(i), told-- > 0);
                    in.add(draft);
                } else {
                    report.notTaken(draft, place, refusal(answer.path("errors").path(String.valueOf(i))), true);
                }
            }
            if (wish.deleteSource() && !in.isEmpty()) {
                remove(in);
            }
        }

        private void remove(List<Draft> in) {
            List<Boolean> gone = source.remove(place, in);
            for (int i = 0; i < in.size(); i++) {
                if (gone.get(i)) {
                    report.removed(in.get(i), place);
                    walk.removed(in.get(i).member);
                } else {
                    report.takenMeanwhile(in.get(i));
                }
            }
        }
    }

    /** Numbers and names would make a line of the report of each job. */
    private static String refusal(@Nullable JsonNode error) {
        String text = error == null ? "" : error.asText();
        return text.isEmpty() ? "the server refused it" : "refused: " + Draft.cut(text.replaceAll("\\d+", "N"), 160);
    }

    static String tooLarge() {
        return "payload of more than " + Payloads.MOST_BYTES + " bytes: no request can carry it";
    }
}
