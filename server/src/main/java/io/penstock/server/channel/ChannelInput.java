package io.penstock.server.channel;

import io.penstock.notice.Severity;
import io.penstock.notice.Terms;
import io.penstock.server.delivery.Outbound;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Reads what somebody wants a channel to be. */
final class ChannelInput {
    /** What our own answers carry besides settings is read over, so that they can be sent back as they came. */
    private static final List<String> READ_OVER = List.of("id", "status");

    private static final List<String> COMMON = List.of("kind", "enabled", "minSeverity", "perMinute");
    private static final List<String> SEVERITIES =
            Arrays.stream(Severity.values()).map(Severity::wire).toList();
    private static final String REVISION = "revision";

    private final Outbound outbound;

    ChannelInput(Outbound outbound) {
        this.outbound = outbound;
    }

    /**
     * Reads a wish.
     *
     * @param old what there is, whose secrets may be kept
     * @throws Problem saying what is not legal
     */
    ChannelConfig read(String id, Slice body, @Nullable ChannelConfig old) {
        Slice whole = Json.value(body);
        Kind kind = kind(whole);
        Fields fields = Fields.of(whole, legal(kind, READ_OVER));
        Map<Knob, String> values = new EnumMap<>(Knob.class);
        boolean kept = false;
        for (Knob knob : kind.knobs()) {
            String text = text(fields, knob);
            if (text == null || text.isEmpty()) {
                continue;
            }
            String before = old == null || old.kind() != kind || !knob.secret() ? "" : old.value(knob);
            if (!before.isEmpty() && (text.equals(Knob.HIDDEN) || text.equals(knob.shown(before)))) {
                values.put(knob, before);
                kept |= !knob.place();
            } else {
                values.put(knob, fields.guarded(knob.key(), () -> checked(knob, text)));
            }
        }
        ChannelConfig config = common(id, kind, fields, values, fresh());
        checkWhole(config, fields);
        if (kept && old != null) {
            checkPlace(config, old);
        }
        return config;
    }

    /** Reads what was stored; what was legal then is not checked again. */
    ChannelConfig stored(String id, Slice stored) {
        Slice whole = Json.value(stored);
        Kind kind = kind(whole);
        Fields fields = Fields.of(whole, legal(kind, List.of(REVISION)));
        Map<Knob, String> values = new EnumMap<>(Knob.class);
        for (Knob knob : kind.knobs()) {
            String text = text(fields, knob);
            if (text != null) {
                values.put(knob, text);
            }
        }
        return common(id, kind, fields, values, fields.requiredText(REVISION));
    }

    private static Kind kind(Slice whole) {
        Slice slice = Json.fields(whole).get("kind");
        if (slice == null) {
            throw Problem.invalid("/kind", "kind is missing; nothing was changed; " + Text.legal("", Kind.names()));
        }
        String name = Fields.text(slice);
        return Kind.of(name)
                .orElseThrow(() -> Problem.invalid(
                        "/kind",
                        "kind \"" + Text.shown(name) + "\" is unknown; nothing was changed; "
                                + Text.legal(name, Kind.names())));
    }

    private static Set<String> legal(Kind kind, List<String> more) {
        Set<String> legal = new LinkedHashSet<>(COMMON);
        kind.knobs().forEach(knob -> legal.add(knob.key()));
        legal.addAll(more);
        return legal;
    }

    private static @Nullable String text(Fields fields, Knob knob) {
        if (knob != Knob.PORT) {
            return fields.text(knob.key());
        }
        Integer port = fields.count(knob.key(), 1, 65_535);
        return port == null ? null : port.toString();
    }

    private String checked(Knob knob, String text) {
        if (knob.secret() && text.endsWith(Knob.HIDDEN)) {
            throw new IllegalArgumentException(knob.key() + " is hidden and there is none to keep; nothing was changed;"
                    + " send the value itself");
        }
        knob.check(text, outbound);
        return text;
    }

    private static ChannelConfig common(
            String id, Kind kind, Fields fields, Map<Knob, String> values, String revision) {
        Boolean enabled = fields.flag("enabled");
        Integer perMinute = fields.count("perMinute", 1, Terms.MOST_PER_MINUTE);
        return new ChannelConfig(
                id,
                kind,
                enabled == null || enabled,
                severity(fields),
                perMinute == null ? 0 : perMinute,
                values,
                revision);
    }

    private static Severity severity(Fields fields) {
        String text = fields.text("minSeverity");
        if (text == null) {
            return Severity.INFO;
        }
        return Arrays.stream(Severity.values())
                .filter(severity -> severity.wire().equals(text))
                .findFirst()
                .orElseThrow(() -> Problem.invalid(
                        fields.pointer("minSeverity"),
                        "minSeverity \"" + Text.shown(text) + "\" is unknown; nothing was changed; "
                                + Text.legal(text, SEVERITIES)));
    }

    private void checkWhole(ChannelConfig config, Fields fields) {
        for (Knob knob : config.kind().required()) {
            if (!config.values().containsKey(knob)) {
                throw Problem.invalid(
                        fields.pointer(knob.key()),
                        knob.key() + " is missing; nothing was changed; a channel of kind "
                                + config.kind().wire() + " needs it");
            }
        }
        if (config.kind() != Kind.SMTP) {
            return;
        }
        fields.guarded("port", () -> {
            outbound.checkMail(config.value(Knob.HOST), Integer.parseInt(config.value(Knob.PORT)));
            return true;
        });
        boolean login = !config.value(Knob.USERNAME).isEmpty();
        if (login != !config.value(Knob.PASSWORD).isEmpty()) {
            throw Problem.invalid(
                    fields.pointer("username"),
                    "username and password go together; nothing was changed; send both or none");
        }
        if (login && config.value(Knob.TLS).equals("none")) {
            throw Problem.invalid(
                    fields.pointer("tls"),
                    "tls \"none\" would send the password in the clear; nothing was changed; use starttls or tls");
        }
    }

    /** Whoever may change a channel must not thereby have its secret sent to a place of their own. */
    private static void checkPlace(ChannelConfig config, ChannelConfig old) {
        for (Knob knob : config.kind().knobs()) {
            if (knob.place() && !config.value(knob).equals(old.value(knob))) {
                throw Problem.invalid(
                        "/" + knob.key(),
                        knob.key() + " is another one, and a hidden secret does not go to another place; nothing was"
                                + " changed; send the secret itself along with it");
            }
        }
    }

    /** Random, because a digest of the values would let their guesser check a guess. */
    private static String fresh() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
