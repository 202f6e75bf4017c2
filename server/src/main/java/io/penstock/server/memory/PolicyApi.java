package io.penstock.server.memory;

import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.MemoryPolicy;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The memory policy over HTTP: read, and changed while the process runs. */
final class PolicyApi {
    private static final String PREFIX = "memoryOptimization.";

    private final MemoryGovernor memory;
    private final LiveSettings kept;
    private final Map<String, Setting> keys = new LinkedHashMap<>();

    PolicyApi(MemoryGovernor memory, LiveSettings kept) {
        this.memory = memory;
        this.kept = kept;
        LiveSettings.KEYS.stream()
                .filter(setting -> setting.key().startsWith(PREFIX))
                .forEach(setting -> keys.put(setting.key().substring(PREFIX.length()), setting));
        kept.follow(Set.copyOf(keys.values()), settings -> memory.policy(settings.memoryPolicy()));
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/memory/policy", call -> get()).asNarrow(),
                Route.put("/api/v1/memory/policy", this::put).by(Access.ADMINISTER));
    }

    private static String tag(MemoryPolicy policy) {
        return '"' + Digest.hex(policy.toString(), 8) + '"';
    }

    private Reply get() {
        MemoryPolicy policy = memory.policy();
        return Reply.ok(json -> {
                    json.writeStartObject();
                    json.writeBooleanField("enabled", policy.enabled());
                    json.writeBooleanField("autoOptimization", policy.autoOptimization());
                    json.writeNumberField("threshold", policy.threshold());
                    json.writeNumberField("intervalMs", policy.intervalMs());
                    json.writeNumberField("maxHeapSizeMB", policy.maxHeapSizeMB());
                    json.writeNumberField("maxRSSSizeMB", policy.maxRSSSizeMB());
                    json.writeObjectFieldStart("origins");
                    for (Map.Entry<String, Setting> key : keys.entrySet()) {
                        Json.text(json, key.getKey(), kept.value(key.getValue()).origin());
                    }
                    json.writeEndObject();
                    json.writeEndObject();
                })
                .header("ETag", tag(policy));
    }

    /** One at a time, so that the tag that was checked is the one that is replaced. */
    private synchronized Reply put(Call call) {
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), keys.keySet());
        Map<Setting, Optional<String>> changes = new EnumMap<>(Setting.class);
        keys.forEach((name, setting) -> {
            if (fields.has(name)) {
                changes.put(setting, Optional.ofNullable(text(fields, name, setting)));
            }
        });
        Precondition.check(call, tag(memory.policy()));
        try {
            kept.change(changes);
        } catch (IllegalArgumentException illegal) {
            throw Problem.invalid("", String.valueOf(illegal.getMessage()));
        }
        return get();
    }

    /** Null = what was said at the start. */
    private static @Nullable String text(Fields fields, String name, Setting setting) {
        Object value = switch (setting) {
            case MEMORY_ENABLED, MEMORY_AUTO -> fields.flag(name);
            case MEMORY_THRESHOLD -> fields.integer(name, Setting.LEAST_THRESHOLD, Setting.MOST_THRESHOLD);
            case MEMORY_INTERVAL -> fields.integer(name, Setting.LEAST_INTERVAL, Setting.MOST_INTERVAL);
            default -> budget(fields, name);
        };
        return value == null ? null : value.toString();
    }

    private static @Nullable Long budget(Fields fields, String name) {
        Long megabytes = fields.integer(name, 0, Setting.MOST_BUDGET);
        if (megabytes != null && megabytes > 0 && megabytes < Setting.LEAST_BUDGET) {
            throw Problem.invalid(
                    fields.pointer(name),
                    name + " " + megabytes + " is neither 0 (what the system allows) nor " + Setting.LEAST_BUDGET
                            + " to " + Setting.MOST_BUDGET + " MB; nothing was changed; send one of them");
        }
        return megabytes;
    }
}
