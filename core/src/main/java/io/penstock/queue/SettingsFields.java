package io.penstock.queue;

import io.penstock.queue.QueueSettings.Keep;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Queue settings as fields of the settings hash; a field that is absent is the default, and limits of 0 are absent. */
final class SettingsFields {
    private SettingsFields() {}

    static Map<String, String> map(List<Object> reply) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            fields.put(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)));
        }
        return fields;
    }

    static QueueSettings read(List<Object> reply) {
        Map<String, String> fields = map(reply);
        return new QueueSettings(
                number(fields, "maxJobs", 0),
                number(fields, "maxBytes", 0),
                (int) number(fields, "maxPayloadBytes", QueueSettings.DEFAULT.maxPayloadBytes()),
                keep(fields, "completed", QueueSettings.KEEP_COMPLETED),
                keep(fields, "failed", QueueSettings.KEEP_FAILED),
                Duration.ofMillis(number(fields, "aging", QueueSettings.AGING.toMillis())));
    }

    private static Keep keep(Map<String, String> fields, String prefix, Keep fallback) {
        return new Keep(
                Duration.ofMillis(number(fields, prefix + "Age", fallback.age().toMillis())),
                number(fields, prefix + "Count", fallback.count()),
                number(fields, prefix + "Bytes", fallback.bytes()));
    }

    private static long number(Map<String, String> fields, String name, long fallback) {
        String value = fields.get(name);
        return value == null ? fallback : Long.parseLong(value);
    }

    static Call write(Call call, QueueSettings s) {
        call.arg("maxPayloadBytes")
                .arg(s.maxPayloadBytes())
                .arg("aging")
                .arg(s.aging().toMillis());
        write(call, "completed", s.completed());
        write(call, "failed", s.failed());
        if (s.maxJobs() > 0) {
            call.arg("maxJobs").arg(s.maxJobs());
        }
        if (s.maxBytes() > 0) {
            call.arg("maxBytes").arg(s.maxBytes());
        }
        return call;
    }

    private static void write(Call call, String prefix, Keep keep) {
        call.arg(prefix + "Age").arg(keep.age().toMillis());
        call.arg(prefix + "Count").arg(keep.count());
        call.arg(prefix + "Bytes").arg(keep.bytes());
    }
}
