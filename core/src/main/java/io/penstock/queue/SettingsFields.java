package io.penstock.queue;

import io.penstock.queue.QueueSettings.Keep;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Queue settings as fields of the settings hash; a field that is absent is the default, and limits of 0 are absent. */
final class SettingsFields {
    /** Zero is no limit, and not written. */
    private static final Set<String> LIMITS = Set.of("maxJobs", "maxBytes", "maxActive", "rateJobs", "rateMillis");

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
                Duration.ofMillis(number(fields, "aging", QueueSettings.AGING.toMillis())),
                (int) number(fields, "maxActive", 0),
                rate(fields));
    }

    private static @Nullable Rate rate(Map<String, String> fields) {
        int jobs = (int) number(fields, "rateJobs", 0);
        return jobs == 0 ? null : new Rate(jobs, Duration.ofMillis(number(fields, "rateMillis", 1_000)));
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

    /** Adds of each setting its field, what it was, what its absence means, and what it shall be; see configure.lua. */
    static Call write(Call call, QueueSettings was, QueueSettings shall) {
        Map<String, Long> old = values(was);
        Map<String, Long> defaults = values(QueueSettings.DEFAULT);
        values(shall).forEach((field, value) -> {
            boolean absent = value == 0 && LIMITS.contains(field);
            call.arg(field).arg(Objects.requireNonNull(old.get(field)));
            call.arg(Objects.requireNonNull(defaults.get(field))).arg(absent ? "" : Long.toString(value));
        });
        return call;
    }

    private static Map<String, Long> values(QueueSettings s) {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("maxJobs", s.maxJobs());
        values.put("maxBytes", s.maxBytes());
        values.put("maxPayloadBytes", (long) s.maxPayloadBytes());
        values.put("aging", s.aging().toMillis());
        values.put("maxActive", (long) s.maxActive());
        Rate rate = s.rate();
        values.put("rateJobs", rate == null ? 0L : rate.jobs());
        values.put("rateMillis", rate == null ? 0L : rate.per().toMillis());
        put(values, "completed", s.completed());
        put(values, "failed", s.failed());
        return values;
    }

    private static void put(Map<String, Long> values, String prefix, Keep keep) {
        values.put(prefix + "Age", keep.age().toMillis());
        values.put(prefix + "Count", keep.count());
        values.put(prefix + "Bytes", keep.bytes());
    }
}
