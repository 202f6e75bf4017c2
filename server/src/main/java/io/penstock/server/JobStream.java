package io.penstock.server;

import io.penstock.job.Awaited;
import io.penstock.job.Follower;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.Place;
import io.penstock.server.live.Listener;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one job emits, as one caller may see it, in events.
 *
 * <p>Callers who may not see everything hear whole lines, because a secret in two pieces is known by neither; those who see no
 * values hear how much was said. Called by one thread at a time.
 */
final class JobStream implements Follower {
    /** A line that is longer is told in parts. */
    private static final int MOST_LINE_CHARS = 2_048;

    private final JobId id;
    private final Listener listener;
    private final Eye eye;
    private final StringBuilder line = new StringBuilder();
    private Place heard = Place.START;

    JobStream(JobId id, Listener listener, Eye eye) {
        this.id = id;
        this.listener = listener;
        this.eye = eye;
    }

    @Override
    public void piece(Place place, String text) {
        if (eye.plain()) {
            say(place, text);
            return;
        }
        if (place.run() != heard.run()) {
            flush();
        }
        line.append(text);
        int end = line.length() > MOST_LINE_CHARS ? line.length() : line.lastIndexOf("\n") + 1;
        if (end > 0) {
            // what is left of this piece is told again to one who comes again, rather than never
            Place told = end == line.length() || heard.run() != place.run() ? place : heard;
            String whole = line.substring(0, end);
            line.delete(0, end);
            say(told, eye.text(whole));
        }
        heard = place;
    }

    private void flush() {
        if (!line.isEmpty()) {
            String rest = line.toString();
            line.setLength(0);
            say(heard, eye.text(rest));
        }
    }

    private void say(Place place, @Nullable String text) {
        String seen = text == null ? "" : text;
        event("piece", place, Json.bytes(json -> {
            json.writeStartObject();
            if (eye.seesValues()) {
                json.writeStringField("text", seen);
            } else {
                json.writeNumberField("characters", seen.length());
            }
            json.writeEndObject();
        }));
    }

    @Override
    public void missed(long run, long first, long last) {
        flush();
        event("missed", new Place(run, last), Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberField("first", first);
            json.writeNumberField("last", last);
            json.writeEndObject();
        }));
    }

    @Override
    public void ended(Awaited end) {
        flush();
        Job job = end instanceof Awaited.Ended ended
                ? ended.job()
                : end instanceof Awaited.Pending pending ? pending.job() : null;
        listener.sayLast(text("end", null, Json.bytes(json -> {
            if (job != null) {
                JobView.line(json, job, eye);
                return;
            }
            json.writeStartObject();
            json.writeStringField("id", id.toString());
            json.writeNullField("state");
            json.writeEndObject();
        })));
    }

    private void event(String name, Place place, byte[] data) {
        listener.say(text(name, place, data));
    }

    /** JSON of ours has no line breaks, so one data line holds it. */
    private static byte[] text(String name, @Nullable Place place, byte[] data) {
        String id = place == null ? "" : "id: " + place + "\n";
        return (id + "event: " + name + "\ndata: " + new String(data, StandardCharsets.UTF_8) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
