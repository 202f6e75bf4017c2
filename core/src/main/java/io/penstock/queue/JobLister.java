package io.penstock.queue;

import io.penstock.job.JobState;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lists the jobs of one state, a page at a time.
 *
 * <p>Lines and the index of completed jobs are lists whose ends move between two pages, so a cursor carries the last
 * serial seen beside its place, and the next page looks for it in a window of {@value #WINDOW} entries before that place;
 * if it is gone, all before it are gone too and the window's start is right. Cost: two round trips and one more for each
 * line that is empty.
 */
final class JobLister {
    private static final int WINDOW = 2_000;

    /** Runs of completed jobs looked through for the last serial seen. */
    private static final int RUNS = 200;

    private final QueueStore store;
    private final JobReader reader;

    JobLister(QueueStore store, JobReader reader) {
        this.store = store;
        this.reader = reader;
    }

    /** Serials of a page and where the next one begins. */
    record Slice(List<String> serials, @Nullable String next) {}

    CompletionStage<Slice> slice(JobState state, @Nullable String cursor, int limit) {
        return switch (state) {
            case WAITING -> waiting(cursor == null ? "0:0:" : cursor, limit, new ArrayList<>());
            case COMPLETED -> completed(cursor == null ? "0:" : cursor, limit);
            case ACTIVE -> hash(store.keys().active, cursor == null ? "0" : cursor, limit);
            case DELAYED -> delayed(cursor, limit);
            case FAILED -> sorted(store.keys().failed, cursor, limit);
            case CANCELLED -> sorted(store.keys().cancelled, cursor, limit);
            case BLOCKED -> hash(store.keys().blocked, cursor == null ? "0" : cursor, limit);
        };
    }

    CompletionStage<JobPage> list(JobState state, @Nullable String cursor, int limit) {
        return slice(state, cursor, limit)
                .thenCompose(found -> reader.all(found.serials)
                        .thenApply(jobs -> new JobPage(
                                jobs.stream()
                                        .filter(job -> job.state() == state)
                                        .toList(),
                                found.next)));
    }

    /** Cursor: line, place in the line, last serial. */
    private CompletionStage<Slice> waiting(String cursor, int limit, List<String> found) {
        String[] part = parts(cursor, 3);
        if (part[0].matches("[irhk]")) {
            return gated(part[0], number(part[1], cursor), number(part[2], cursor), limit, found);
        }
        int line = (int) number(part[0], cursor) & 3;
        long place = number(part[1], cursor);
        long from = Math.max(0, place - WINDOW);
        Call call = new Call(64).key(store.keys().lines[line]).arg(from).arg(place + limit - found.size());
        return store.redis().command("LRANGE", call).thenCompose(reply -> {
            List<String> ids = reply.stream().map(Redis::text).toList();
            int start = part[2].isEmpty() ? 0 : ids.indexOf(part[2]) + 1;
            List<String> page = ids.subList(start, Math.min(ids.size(), start + limit - found.size()));
            page.forEach(serial -> found.add(line + serial));
            if (found.size() == limit) {
                String last = page.isEmpty() ? part[2] : page.get(page.size() - 1);
                return done(found, line + ":" + (from + start + page.size()) + ":" + last);
            }
            return line == 3 ? gated("i", 0, 0, limit, found) : waiting((line + 1) + ":0:", limit, found);
        });
    }

    /** At the gate. Cursor: where, rank of the group or key there, place in its lines. */
    private CompletionStage<Slice> gated(String where, long rank, long place, int limit, List<String> found) {
        Call call = new Call(96).key(store.keys().settings).arg(where).arg(rank).arg(place);
        return store.redis()
                .eval(Scripts.QUEUED, call.arg(limit - found.size()))
                .thenCompose(reply -> {
                    reply.stream().skip(3).map(Redis::text).forEach(found::add);
                    String next = Redis.text(reply.get(0));
                    return done(found, next.isEmpty() ? null : next + ":" + reply.get(1) + ":" + reply.get(2));
                });
    }

    /** Leaves out the places of jobs that were moved elsewhere, so a page may be shorter than asked for. */
    private CompletionStage<Slice> done(List<String> places, @Nullable String next) {
        if (places.isEmpty()) {
            return CompletableFuture.completedFuture(new Slice(List.of(), next));
        }
        Call call = new Call(64 + places.size() * 16).key(store.keys().ghosts);
        places.forEach(call::arg);
        return store.redis().command("HMGET", call).thenApply(ghosts -> {
            List<String> serials = new ArrayList<>();
            for (int i = 0; i < places.size(); i++) {
                if (ghosts.get(i) == null) {
                    serials.add(places.get(i).substring(1));
                }
            }
            return new Slice(serials, next);
        });
    }

    /** Newest first, runs and then those kept by their own retention. Cursor: place of the run from the end, last serial. */
    private CompletionStage<Slice> completed(String cursor, int limit) {
        if (cursor.startsWith("y")) {
            String rest = cursor.substring(1);
            return sorted(store.keys().retained, rest.isEmpty() ? null : rest, limit)
                    .thenApply(slice -> slice.next == null ? slice : new Slice(slice.serials, "y" + slice.next));
        }
        String[] part = parts(cursor, 2);
        long place = number(part[0], cursor);
        long from = Math.max(0, place - 1);
        Call call = new Call(64)
                .key(store.keys().completed)
                .arg(-(place + RUNS + limit))
                .arg(-1 - from);
        return store.redis().command("LRANGE", call).thenApply(reply -> {
            List<String> serials = new ArrayList<>();
            List<Long> places = new ArrayList<>();
            for (int i = reply.size() - 1; i >= 0; i--) {
                List<String> run = Prune.Run.of(Redis.text(reply.get(i))).serials();
                for (int j = run.size() - 1; j >= 0; j--) {
                    serials.add(run.get(j));
                    places.add(from + reply.size() - 1 - i);
                }
            }
            int start = part[1].isEmpty() ? 0 : serials.indexOf(part[1]) + 1;
            int end = Math.min(serials.size(), start + limit);
            return new Slice(
                    serials.subList(start, end),
                    end - start < limit ? "y" : places.get(end - 1) + ":" + serials.get(end - 1));
        });
    }

    private CompletionStage<Slice> hash(byte[] key, String cursor, int limit) {
        number(cursor, cursor);
        Call call = new Call(64).key(key).arg(cursor).arg("COUNT").arg(limit);
        return store.redis().command("HSCAN", call).thenApply(reply -> {
            List<?> fields = (List<?>) reply.get(1);
            List<String> serials = new ArrayList<>();
            for (int i = 0; i + 1 < fields.size(); i += 2) {
                String serial = Redis.text(fields.get(i));
                if (!serial.isEmpty()) { // the pad of the hash
                    serials.add(serial);
                }
            }
            String next = Redis.text(reply.get(0));
            return new Slice(serials, next.equals("0") ? null : next);
        });
    }

    /** Cursor: the last entry seen. */
    private CompletionStage<Slice> delayed(@Nullable String cursor, int limit) {
        if (cursor != null && !cursor.matches("[0-9a-v]{9}[0-7][0-9a-v]{3,13}")) {
            throw broken(cursor);
        }
        return Delayed.page(store, cursor == null ? "" : cursor, limit)
                .thenApply(page -> new Slice(
                        page.stream().map(Delayed::serial).toList(),
                        page.size() < limit ? null : page.get(limit - 1).text()));
    }

    /** Newest first. Cursor: score, how many of that score were seen. */
    private CompletionStage<Slice> sorted(byte[] index, @Nullable String cursor, int limit) {
        String[] part = cursor == null ? new String[] {"+inf", "0"} : parts(cursor, 2);
        long skip = number(part[1], String.valueOf(cursor));
        if (cursor != null) {
            number(part[0], cursor);
        }
        Call call = new Call(96).key(index).arg(part[0]).arg("-inf").arg("WITHSCORES");
        call.arg("LIMIT").arg(skip).arg(limit);
        return store.redis().command("ZREVRANGEBYSCORE", call).thenApply(reply -> {
            List<String> serials = new ArrayList<>();
            String score = part[0];
            long same = skip;
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                serials.add(Redis.text(reply.get(i)));
                String now = Redis.text(reply.get(i + 1));
                same = now.equals(score) ? same + 1 : 1;
                score = now;
            }
            return new Slice(serials, serials.size() < limit ? null : score + ":" + same);
        });
    }

    private static String[] parts(String cursor, int count) {
        String[] part = cursor.split(":", count);
        if (part.length != count) {
            throw broken(cursor);
        }
        return part;
    }

    private static long number(String text, String cursor) {
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw broken(cursor);
        }
    }

    private static IllegalArgumentException broken(String cursor) {
        String shown = cursor.length() > 60 ? cursor.substring(0, 60) + "..." : cursor;
        return new IllegalArgumentException("cursor \"" + shown.replaceAll("\\p{Cntrl}", "?")
                + "\" is none of ours; nothing was read; use the next of the page before, or none");
    }
}
