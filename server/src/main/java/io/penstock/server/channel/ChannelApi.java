package io.penstock.server.channel;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.notice.ChannelStats;
import io.penstock.notice.Courier;
import io.penstock.notice.Delivery;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.delivery.Outbound;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Notification channels over HTTP: read, changed while the process runs, and tried. */
final class ChannelApi {
    private static final String PATH = "/api/v1/channels";
    private static final String ONE = PATH + "/{id}";

    /** Each test holds a thread that answers for as long as a receiver may take. */
    private static final int TESTS = 4;

    private final Channels channels;
    private final ChannelStore store;
    private final ChannelInput input;
    private final Clock clock;
    private final Semaphore tests = new Semaphore(TESTS);

    ChannelApi(Channels channels, ChannelStore store, ChannelInput input, Clock clock) {
        this.channels = channels;
        this.store = store;
        this.input = input;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, call -> list()),
                Route.get(ONE, this::get),
                Route.put(ONE, this::put).by(Access.ADMINISTER),
                Route.delete(ONE, this::delete),
                Route.act(ONE + ":test", this::test).by(Access.ADMINISTER),
                Route.get("/api/v1/deliveries", this::deliveries).query("channel", "cursor", "limit"));
    }

    private Reply list() {
        Map<String, byte[]> all = store.read();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Map.Entry<String, byte[]> one : all.entrySet()) {
                ChannelConfig config = known(one.getKey(), one.getValue());
                if (config != null) {
                    json.writeStartObject();
                    write(json, config);
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    /** Null = written by a later version. */
    private @Nullable ChannelConfig known(String id, byte[] stored) {
        try {
            return ChannelConfig.parse(id, stored, input);
        } catch (Problem foreign) {
            return null;
        }
    }

    private void write(JsonGenerator json, ChannelConfig config) throws IOException {
        config.shown(json);
        json.writeObjectFieldStart("status");
        ChannelStats stats = channels.courier().stats(config.id()).orElse(null);
        if (stats != null) {
            json.writeNumberField("waiting", stats.waiting());
            json.writeNumberField("waitingBytes", stats.waitingBytes());
            json.writeNumberField("delivered", stats.delivered());
            json.writeNumberField("failed", stats.failed());
            json.writeNumberField("dropped", stats.dropped());
            json.writeNumberField("collapsed", stats.collapsed());
            Json.text(json, "lastError", stats.lastError().isEmpty() ? null : stats.lastError());
            Json.instant(json, "lastDeliveredAt", stats.lastDelivered());
        }
        json.writeEndObject();
    }

    private Reply get(Call call) {
        return shown(stored(Given.checked("channel", call.path("id"))));
    }

    private Reply shown(ChannelConfig config) {
        return Reply.ok(json -> {
                    json.writeStartObject();
                    write(json, config);
                    json.writeEndObject();
                })
                .header("ETag", config.tag());
    }

    private ChannelConfig stored(String id) {
        byte[] stored = store.read().get(id);
        if (stored == null) {
            throw Problem.notFound("channel", id);
        }
        return ChannelConfig.parse(id, stored, input);
    }

    private Reply put(Call call) {
        String id = Given.checked("channel", call.path("id"));
        byte[] seen = store.read().getOrDefault(id, ChannelStore.nothing());
        ChannelConfig old = seen.length == 0 ? null : known(id, seen);
        ChannelConfig config = input.read(id, Slice.of(call.body()), old);
        Precondition.check(call, old == null ? "\"none\"" : old.tag());
        change(id, seen, config.stored());
        return shown(config);
    }

    private Reply delete(Call call) {
        String id = Given.checked("channel", call.path("id"));
        byte[] seen = store.read().get(id);
        if (seen == null) {
            throw Problem.notFound("channel", id);
        }
        ChannelConfig old = known(id, seen);
        Precondition.check(call, old == null ? "\"none\"" : old.tag());
        change(id, seen, ChannelStore.nothing());
        return Reply.noContent();
    }

    private void change(String id, byte[] seen, byte[] next) {
        switch (store.replace(id, seen, next)) {
            case CHANGED_MEANWHILE ->
                throw Problem.of(
                        ProblemType.PRECONDITION_FAILED,
                        "channel \"" + id + "\" was changed by somebody else just now; nothing was done; read it again"
                                + " and repeat the change");
            case FULL ->
                throw Problem.of(
                        ProblemType.CONFLICT,
                        "there are " + Courier.MOST_CHANNELS + " channels, the most there may be; nothing was done;"
                                + " delete one");
            case DONE -> channels.apply(store.read());
        }
    }

    private Reply test(Call call) throws InterruptedException {
        String id = Given.checked("channel", call.path("id"));
        ChannelConfig config = stored(id);
        channels.apply(store.read());
        if (!tests.tryAcquire()) {
            throw Problem.of(
                    ProblemType.BUSY, TESTS + " tests are under way, the most there may be; nothing was sent; wait");
        }
        try {
            Delivery delivery = channels.courier()
                    .test(id, notice(config), Outbound.LONGEST)
                    .orElseThrow(() -> Problem.of(
                            ProblemType.CONFLICT,
                            "channel \"" + id + "\" is not enabled; nothing was sent; enable it first"));
            return Reply.ok(json -> write(json, delivery));
        } catch (NotTaken busy) {
            throw Problem.of(ProblemType.BUSY, String.valueOf(busy.getMessage()));
        } catch (IOException unexpected) {
            throw Problem.of(ProblemType.INTERNAL, "the test of channel \"" + id + "\" broke off");
        } finally {
            tests.release();
        }
    }

    private Notice notice(ChannelConfig config) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        return new Notice(
                "test-" + config.id() + "-" + now.toEpochMilli(),
                "channel-test",
                "penstock.test",
                Severity.INFO,
                "test",
                1,
                1,
                "This is a test of the channel " + config.id() + ". Nothing is wrong.",
                now,
                Map.of("channel", config.id()));
    }

    private Reply deliveries(Call call) {
        String channel = call.query("channel");
        String cursor = call.query("cursor");
        if (cursor != null && !cursor.matches("\\d{1,18}")) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter cursor is not one that this route gave; nothing was done; begin without one");
        }
        int limit = call.limit();
        List<Delivery> page = channels.courier()
                .deliveries(
                        channel == null ? null : Given.checked("channel", channel),
                        cursor == null ? null : Long.valueOf(cursor),
                        limit);
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Delivery delivery : page) {
                write(json, delivery);
            }
            json.writeEndArray();
            Json.text(
                    json,
                    "next",
                    page.size() < limit ? null : page.get(page.size() - 1).id());
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Delivery delivery) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", delivery.id());
        json.writeStringField("channel", delivery.channel());
        json.writeStringField("kind", delivery.kind());
        json.writeStringField("outcome", delivery.outcome().wire());
        json.writeNumberField("attempts", delivery.attempts());
        Json.text(json, "error", delivery.error().isEmpty() ? null : delivery.error());
        Json.instant(json, "at", delivery.at());
        json.writeNumberField("tookMillis", delivery.tookMillis());
        Json.objects(json, "notices", delivery.notices(), told -> {
            json.writeStringField("alert", told.alert());
            json.writeStringField("rule", told.rule());
            json.writeStringField("state", told.state());
            json.writeStringField("severity", told.severity().wire());
        });
        json.writeEndObject();
    }
}
