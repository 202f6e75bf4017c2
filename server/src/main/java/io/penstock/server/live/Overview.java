package io.penstock.server.live;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.alert.Alert;
import io.penstock.job.JobState;
import io.penstock.memory.MemoryStatus;
import io.penstock.memory.admission.LoadLineStats;
import io.penstock.redis.PoolStats;
import io.penstock.redis.RedisStatus;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.engine.Engine.QueueView;
import io.penstock.server.engine.QueueMetric;
import io.penstock.server.redis.RedisApi;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The whole installation on one page, as JSON. */
final class Overview {
    /** Queues shown to whoever does not say how many, those with the most to do first. */
    static final int QUEUES = 12;

    private static final int MOST_ALERTS = 50;

    private final Engine engine;
    private final QueueBoard board;
    private final Live.Figures figures;
    private List<Alert> alerts = List.of(); // as they were when Redis last told

    Overview(Engine engine, QueueBoard board, Live.Figures figures) {
        this.engine = engine;
        this.board = board;
        this.figures = figures;
    }

    /**
     * Writes it, of what the caller may see.
     *
     * @param away Redis did not answer just now, so it is not asked for more
     * @param answering what to say of that: its health notices only after a while
     * @param most queues shown
     * @param more what else stands in it
     */
    byte[] write(Caller caller, boolean away, boolean answering, int most, Json.Writing more) {
        MemoryStatus memory = engine.memory().status();
        List<Alert> seen = alerts(caller, away);
        List<QueueView> queues = board.all().stream()
                .filter(view -> caller.sees(view.stats().name()))
                .toList();
        RedisStatus redis = engine.redisHealth().status();
        List<Trouble> troubles = Trouble.find(redis.health(), memory, seen, queues);
        return Json.bytes(json -> {
            json.writeStartObject();
            Json.instant(json, "timestamp", Instant.ofEpochMilli(engine.clock().millis()));
            queues(json, queues, most);
            memory(json, memory);
            redis(json, redis, answering);
            json.writeObjectFieldStart("alerts");
            json.writeNumberField("active", seen.size());
            json.writeEndObject();
            Json.objects(json, "problems", troubles, trouble -> {
                json.writeStringField("kind", trouble.kind());
                json.writeStringField("severity", trouble.severity());
                json.writeStringField("subject", trouble.subject());
                json.writeStringField("detail", trouble.detail());
                json.writeNumberField("count", trouble.count());
            });
            more.to(json);
            json.writeEndObject();
        });
    }

    /** Those of others are kept for when Redis is away; a caller of some queues gets his from the first page of all. */
    private List<Alert> alerts(Caller caller, boolean away) {
        if (!away) {
            alerts = engine.alerts().active(any -> true, null, MOST_ALERTS).alerts();
        }
        return alerts.stream()
                .filter(alert -> QueueMetric.seen(caller, alert.metric()))
                .toList();
    }

    private void queues(JsonGenerator json, Collection<QueueView> all, int most) throws IOException {
        json.writeObjectFieldStart("counts");
        for (JobState state : JobState.values()) {
            long sum = all.stream()
                    .mapToLong(view -> view.stats().counts().of(state))
                    .sum();
            json.writeNumberField(state.wire(), sum);
        }
        json.writeEndObject();
        double rate = all.stream().mapToDouble(QueueView::throughputPerSecond).sum();
        json.writeNumberField("throughputPerSecond", Math.round(rate * 100) / 100.0);
        long oldest = all.stream()
                .mapToLong(view -> view.stats().oldestWaitingMillis())
                .max()
                .orElse(0);
        json.writeNumberField("oldestWaitingMillis", oldest);
        json.writeNumberField("queues", all.size());
        json.writeNumberField(
                "paused", all.stream().filter(view -> view.stats().paused()).count());
        long completed =
                all.stream().mapToLong(view -> view.stats().completedTotal()).sum();
        long retried =
                all.stream().mapToLong(view -> view.stats().retriedTotal()).sum();
        json.writeNumberField("completedTotal", completed);
        json.writeNumberField("retriedTotal", retried);
        List<QueueView> busiest = all.stream()
                .sorted(Comparator.comparingLong(Overview::load).reversed())
                .limit(most)
                .toList();
        Json.objects(json, "busiest", busiest, view -> {
            figures.write(json, view);
            String metric = "queue." + view.stats().name();
            Json.known(json, "runP99Millis", engine.monitor().latest(metric + ".run.p99.millis"));
            Json.known(json, "waitP99Millis", engine.monitor().latest(metric + ".wait.p99.millis"));
        });
    }

    private static long load(QueueView view) {
        return view.stats().counts().waiting() + view.stats().counts().of(JobState.ACTIVE);
    }

    private static void memory(JsonGenerator json, MemoryStatus memory) throws IOException {
        LoadLineStats line = memory.admission();
        json.writeObjectFieldStart("memory");
        json.writeStringField("level", memory.sample().level().name());
        json.writeStringField("cause", memory.sample().pressure().cause());
        Json.known(json, "heapUsedBytes", memory.sample().heapUsedBytes());
        Json.known(json, "heapMaxBytes", memory.sample().heapMaxBytes());
        Json.known(json, "liveSetBytes", memory.sample().liveSetBytes());
        Json.known(json, "rssBytes", memory.sample().rssBytes());
        json.writeStringField("mode", line.mode().name().toLowerCase(java.util.Locale.ROOT));
        Json.known(json, "lineBytes", line.lineBytes());
        Json.known(json, "heapBytes", line.heapBytes());
        Json.known(json, "baseBytes", line.baseBytes());
        Json.known(json, "runningBytes", line.runningBytes());
        json.writeNumberField("running", line.running());
        json.writeNumberField("waiting", line.waiting());
        json.writeNumberField("waited", line.waited());
        json.writeNumberField("refused", line.refused());
        json.writeEndObject();
    }

    private void redis(JsonGenerator json, RedisStatus redis, boolean answering) throws IOException {
        PoolStats pool = engine.redisPool().stats();
        json.writeObjectFieldStart("redis");
        RedisApi.health(json, redis.health());
        json.writeBooleanField("answering", answering);
        Json.known(json, "p99Millis", redis.latency().p99Millis());
        json.writeNumberField("usedBytes", redis.usedMemoryBytes());
        Json.known(json, "maxBytes", redis.maxMemoryBytes() == 0 ? -1 : redis.maxMemoryBytes());
        json.writeNumberField("connections", engine.redis().connections());
        json.writeObjectFieldStart("pool");
        json.writeNumberField("active", pool.active());
        json.writeNumberField("total", pool.total());
        json.writeNumberField("waiting", pool.waiting());
        json.writeNumberField("max", pool.max());
        json.writeEndObject();
        json.writeEndObject();
    }
}
