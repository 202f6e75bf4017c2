package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.MemoryEvent;
import io.penstock.memory.MemorySample;
import io.penstock.memory.MonitorState;
import io.penstock.memory.Pressure;
import io.penstock.memory.probe.CollectorTotals;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** A sample, and how it was taken, as JSON; what nobody knows is null. */
final class SampleJson {
    private SampleJson() {}

    static void write(JsonGenerator json, MemorySample sample) throws IOException {
        json.writeStartObject();
        Json.instant(json, "timestamp", Instant.ofEpochMilli(sample.timestamp()));
        Json.known(json, "heapUsedBytes", sample.heapUsedBytes());
        Json.known(json, "heapCommittedBytes", sample.heapCommittedBytes());
        Json.known(json, "heapMaxBytes", sample.heapMaxBytes());
        Json.known(json, "heapUsedPercentage", sample.heapUsedPercentage());
        Json.known(json, "liveSetBytes", sample.liveSetBytes());
        Json.known(json, "liveFloorBytes", sample.liveFloorBytes());
        Json.known(json, "rssBytes", sample.rssBytes());
        json.writeStringField("rssSource", sample.rssSource().name().toLowerCase(Locale.ROOT));
        Json.known(json, "directBytes", sample.directBytes());
        Json.known(json, "directMaxBytes", sample.directMaxBytes());
        Json.known(json, "mappedBytes", sample.mappedBytes());
        Json.known(json, "nonHeapBytes", sample.nonHeapBytes());
        Json.known(json, "metaspaceBytes", sample.metaspaceBytes());
        Json.known(json, "codeCacheBytes", sample.codeCacheBytes());
        Json.known(json, "threads", sample.threads());
        Json.known(json, "gcCount", sample.gcCount());
        Json.known(json, "gcMillis", sample.gcMillis());
        Json.known(json, "gcCycleMillis", sample.gcCycleMillis());
        Json.known(json, "gcPauseShare", sample.gcPauseShare());
        collectors(json, sample.collectors());
        Json.known(json, "cpuMillis", sample.cpuMillis());
        cgroup(json, sample.cgroup());
        json.writeObjectFieldStart("stall");
        Json.known(json, "some", sample.stall().some());
        Json.known(json, "full", sample.stall().full());
        json.writeEndObject();
        json.writeObjectFieldStart("redis");
        Json.known(json, "usedBytes", sample.outsideUsedBytes());
        Json.known(json, "maxBytes", sample.outsideMaxBytes());
        json.writeEndObject();
        pressure(json, sample.pressure());
        json.writeEndObject();
    }

    private static void collectors(JsonGenerator json, List<CollectorTotals> collectors) throws IOException {
        Json.objects(json, "collectors", collectors, each -> {
            json.writeStringField("name", each.name());
            json.writeBooleanField("concurrent", each.concurrent());
            Json.known(json, "count", each.count());
            Json.known(json, "millis", each.millis());
        });
    }

    private static void cgroup(JsonGenerator json, MemorySample.Cgroup cgroup) throws IOException {
        if (cgroup.version() == 0) {
            json.writeNullField("cgroup");
            return;
        }
        json.writeObjectFieldStart("cgroup");
        json.writeNumberField("version", cgroup.version());
        Json.known(json, "usedBytes", cgroup.usedBytes());
        Json.known(json, "reclaimableBytes", cgroup.reclaimableBytes());
        Json.known(json, "limitBytes", cgroup.limitBytes());
        Json.known(json, "highBytes", cgroup.highBytes());
        Json.known(json, "breaches", cgroup.breaches());
        Json.known(json, "kills", cgroup.kills());
        json.writeEndObject();
    }

    private static void pressure(JsonGenerator json, Pressure pressure) throws IOException {
        json.writeObjectFieldStart("pressure");
        Json.known(json, "worst", pressure.worst());
        json.writeStringField("cause", pressure.cause());
        Json.known(json, "heap", pressure.heap());
        Json.known(json, "process", pressure.process());
        Json.known(json, "direct", pressure.direct());
        Json.known(json, "collector", pressure.collector());
        Json.known(json, "stall", pressure.stall());
        Json.known(json, "redis", pressure.outside());
        json.writeEndObject();
    }

    static void monitor(JsonGenerator json, MonitorState monitor) throws IOException {
        json.writeStartObject();
        json.writeStringField("mode", monitor.mode().name().toLowerCase(Locale.ROOT));
        Json.known(json, "samples", monitor.samples());
        Json.known(json, "sampleMicros", monitor.sampleMicros());
        Json.known(json, "longestMicros", monitor.longestMicros());
        Json.known(json, "retainedBytes", monitor.retainedBytes());
        Json.objects(json, "probes", monitor.probes(), probe -> {
            json.writeStringField("name", probe.name());
            json.writeBooleanField("on", probe.on());
            json.writeNumberField("failures", probe.failures());
        });
        json.writeEndObject();
    }

    static void events(JsonGenerator json, List<MemoryEvent> events) throws IOException {
        Json.objects(json, "events", events, event -> {
            json.writeStringField(
                    "kind", event.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            Json.instant(json, "timestamp", Instant.ofEpochMilli(event.atMillis()));
            json.writeStringField("level", event.level().name());
            json.writeBooleanField("alarm", event.alarm());
            json.writeStringField("message", event.message());
        });
    }
}
