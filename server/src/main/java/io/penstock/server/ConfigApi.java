package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.settings.SettingsException;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings over HTTP: all are shown with their origin, the live ones changed while the process runs. */
final class ConfigApi {
    private static final String PATH = "/api/v1/config";

    private final LiveSettings live;
    private final Map<String, Setting> settings = new LinkedHashMap<>();

    ConfigApi(LiveSettings live) {
        this.live = live;
        for (Setting setting : Setting.values()) {
            settings.put(setting.key(), setting);
        }
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, call -> get()), Route.patch(PATH, this::patch).by(Access.ADMINISTER));
    }

    private static String tag(Settings now) {
        StringBuilder values = new StringBuilder();
        LiveSettings.KEYS.forEach(setting -> values.append(now.text(setting)).append('\n'));
        return '"' + Digest.hex(values.toString(), 8) + '"';
    }

    private Reply get() {
        Settings now = live.now();
        return Reply.ok(json -> {
                    json.writeStartObject();
                    json.writeArrayFieldStart("items");
                    for (Setting setting : Setting.values()) {
                        write(json, now, setting);
                    }
                    json.writeEndArray();
                    json.writeNullField("next");
                    json.writeEndObject();
                })
                .header("ETag", tag(now));
    }

    private static void write(JsonGenerator json, Settings now, Setting setting) throws IOException {
        json.writeStartObject();
        json.writeStringField("key", setting.key());
        json.writeStringField("value", now.shown(setting));
        json.writeStringField("origin", now.value(setting).origin());
        json.writeBooleanField("live", setting.live());
        json.writeEndObject();
    }

    /** One at a time, so that the tag that was checked is the one that is replaced. */
    private synchronized Reply patch(Call call) {
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), settings.keySet());
        Map<Setting, Optional<String>> changes = new EnumMap<>(Setting.class);
        settings.forEach((key, setting) -> {
            if (fields.has(key)) {
                if (!setting.live()) {
                    throw Problem.invalid(
                            fields.pointer(key),
                            key + " is read at the start only; nothing was changed; set --" + setting.flag() + " or "
                                    + setting.variables().get(0) + " and start again");
                }
                changes.put(setting, Optional.ofNullable(fields.word(key)));
            }
        });
        Precondition.check(call, tag(live.now()));
        try {
            live.change(changes);
        } catch (SettingsException illegal) {
            throw Problem.invalid("", illegal.getMessage() + "; nothing was changed");
        }
        return get();
    }
}
