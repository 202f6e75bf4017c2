package io.penstock.server.channel;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.notice.Notice;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A notice as JSON. */
final class NoticeJson {
    private NoticeJson() {}

    static void write(JsonGenerator json, Notice notice) throws IOException {
        json.writeStartObject();
        json.writeStringField("alert", notice.alert());
        json.writeStringField("rule", notice.rule());
        json.writeStringField("metric", notice.metric());
        json.writeStringField("severity", notice.severity().wire());
        json.writeStringField("state", notice.state());
        Json.rounded(json, "value", notice.value());
        Json.rounded(json, "threshold", notice.threshold());
        json.writeStringField("summary", notice.summary());
        Json.instant(json, "since", notice.since());
        json.writeObjectFieldStart("tags");
        for (Map.Entry<String, String> tag : new TreeMap<>(notice.tags()).entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
