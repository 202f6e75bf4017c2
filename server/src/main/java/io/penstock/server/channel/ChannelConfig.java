package io.penstock.server.channel;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.notice.Severity;
import io.penstock.notice.Terms;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What is set about one channel, secrets in the clear.
 *
 * @param least the mildest severity that it is told
 * @param perMinute most messages a minute; 0 = as the kind has it
 * @param values of the knobs that are set
 * @param revision another one after each change; says nothing about the values
 */
record ChannelConfig(
        String id,
        Kind kind,
        boolean enabled,
        Severity least,
        int perMinute,
        Map<Knob, String> values,
        String revision) {
    ChannelConfig {
        EnumMap<Knob, String> copy = new EnumMap<>(Knob.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    /** Returns a value, its default, or nothing. */
    String value(Knob knob) {
        return values.getOrDefault(knob, kind.defaults().getOrDefault(knob, ""));
    }

    Terms terms() {
        return new Terms(least, perMinute == 0 ? kind.perMinute() : perMinute, kind.most());
    }

    String tag() {
        return '"' + revision + '"';
    }

    /** Writes it for Redis. */
    byte[] stored() {
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("revision", revision);
            common(json);
            for (Map.Entry<Knob, String> value : values.entrySet()) {
                write(json, value.getKey(), value.getValue());
            }
            json.writeEndObject();
        });
    }

    /** Writes its fields for people and programs, without secrets. */
    void shown(JsonGenerator json) throws IOException {
        json.writeStringField("id", id);
        common(json);
        for (Knob knob : kind.knobs()) {
            String value = value(knob);
            if (!value.isEmpty()) {
                write(json, knob, knob.shown(value));
            }
        }
    }

    private static void write(JsonGenerator json, Knob knob, String value) throws IOException {
        if (knob == Knob.PORT) {
            json.writeNumberField(knob.key(), Integer.parseInt(value));
        } else {
            json.writeStringField(knob.key(), value);
        }
    }

    private void common(JsonGenerator json) throws IOException {
        json.writeStringField("kind", kind.wire());
        json.writeBooleanField("enabled", enabled);
        json.writeStringField("minSeverity", least.wire());
        if (perMinute > 0) {
            json.writeNumberField("perMinute", perMinute);
        }
    }

    /**
     * Reads what {@link #stored} wrote.
     *
     * @throws io.penstock.server.wire.Problem if it is something else
     */
    static ChannelConfig parse(String id, byte[] stored, ChannelInput input) {
        return input.stored(id, Slice.of(stored));
    }

    /** Without values: this may be logged. */
    @Override
    public String toString() {
        return "channel " + id + " " + kind.wire();
    }
}
