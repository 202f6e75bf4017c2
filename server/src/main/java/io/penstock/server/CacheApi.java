package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.cache.CacheOverview;
import io.penstock.cache.CacheStats;
import io.penstock.cache.Caches;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import java.io.IOException;
import java.util.List;

/** Caches over HTTP: what they do in all processes of this Redis, and how they are emptied. */
final class CacheApi {
    private final Caches caches;

    CacheApi(Caches caches) {
        this.caches = caches;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/caches", this::list).query("cursor", "limit").asNarrow(),
                Route.act("/api/v1/caches/{name}:clear", this::clear));
    }

    private Reply list(Call call) {
        String cursor = call.query("cursor");
        List<CacheOverview> after = caches.everywhere().stream()
                .filter(one -> cursor == null || one.stats().name().compareTo(cursor) > 0)
                .toList();
        List<CacheOverview> page = after.stream().limit(call.limit()).toList();
        String next =
                after.size() > page.size() ? page.get(page.size() - 1).stats().name() : null;
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (CacheOverview one : page) {
                write(json, one);
            }
            json.writeEndArray();
            Json.text(json, "next", next);
            json.writeObjectFieldStart("near");
            json.writeNumberField("bytes", caches.nearBytes());
            json.writeNumberField("maxBytes", caches.maxNearBytes());
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, CacheOverview one) throws IOException {
        CacheStats stats = one.stats();
        json.writeStartObject();
        json.writeStringField("name", stats.name());
        json.writeNumberField("processes", one.processes());
        json.writeNumberField("hitShare", Math.round(stats.hitShare() * 10_000) / 10_000.0);
        json.writeObjectFieldStart("near");
        json.writeNumberField("hits", stats.nearHits());
        json.writeNumberField("misses", stats.nearMisses());
        json.writeNumberField("entries", stats.entries());
        json.writeNumberField("bytes", stats.bytes());
        json.writeEndObject();
        json.writeObjectFieldStart("far");
        json.writeNumberField("hits", stats.farHits());
        json.writeNumberField("misses", stats.farMisses());
        json.writeNumberField("failures", stats.farFailures());
        json.writeEndObject();
        json.writeNumberField("loads", stats.loads());
        json.writeNumberField("loadFailures", stats.loadFailures());
        json.writeNumberField("avgLoadMillis", stats.loads() == 0 ? 0 : stats.loadMillis() / stats.loads());
        json.writeNumberField("staleServed", stats.staleServed());
        json.writeNumberField("notKept", stats.notKept());
        json.writeNumberField("evictions", stats.evictions());
        json.writeNumberField("waiting", stats.waiting());
        json.writeEndObject();
    }

    /** @throws Problem NOT_FOUND if no process has told of such a cache within the last minute */
    private Reply clear(Call call) {
        String name = Given.checked("cache", call.path("name"));
        if (caches.everywhere().stream().noneMatch(one -> one.stats().name().equals(name))) {
            throw Problem.notFound("cache", name);
        }
        caches.clear(name);
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeBooleanField("cleared", true);
            json.writeEndObject();
        });
    }
}
