package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.admission.LoadLineStats;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.Locale;

/** What the load line holds and has done, as JSON. */
final class AdmissionJson {
    private AdmissionJson() {}

    static void write(JsonGenerator json, LoadLineStats stats) throws IOException {
        json.writeStartObject();
        json.writeStringField("mode", stats.mode().name().toLowerCase(Locale.ROOT));
        Json.known(json, "heapBytes", stats.heapBytes());
        Json.known(json, "lineBytes", stats.lineBytes());
        Json.known(json, "line", stats.heapBytes() <= 0 ? -1 : stats.lineBytes() / (double) stats.heapBytes());
        Json.known(json, "baseBytes", stats.baseBytes());
        Json.known(json, "runningBytes", stats.runningBytes());
        Json.known(json, "handBytes", stats.handBytes());
        json.writeNumberField("running", stats.running());
        json.writeNumberField("waiting", stats.waiting());
        Json.known(json, "throttle", stats.throttle());
        Json.known(json, "liveShare", stats.liveShare());
        Json.known(json, "garbageDiscount", stats.garbageDiscount());
        json.writeNumberField("admitted", stats.admitted());
        json.writeNumberField("waited", stats.waited());
        json.writeNumberField("withdrawn", stats.withdrawn());
        json.writeNumberField("exceeded", stats.exceeded());
        json.writeNumberField("refused", stats.refused());
        json.writeNumberField("outOfMemory", stats.outOfMemory());
        Json.objects(json, "types", stats.types(), type -> {
            json.writeStringField("type", type.type());
            json.writeNumberField("runs", type.runs());
            Json.known(json, "allocatedBytes", type.allocatedBytes());
            Json.known(json, "perPayloadByte", type.perPayloadByte());
            Json.known(json, "lastCostBytes", type.lastCostBytes());
        });
        json.writeEndObject();
    }
}
