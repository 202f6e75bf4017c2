package io.penstock.server.token;

import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Role;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Spans;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an admin wants of a new token.
 *
 * @param queues patterns; empty = all
 * @param expiresIn null = never
 */
record TokenWish(
        String name,
        Role role,
        List<String> queues,
        @Nullable Duration expiresIn) {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(3_650);
    private static final Set<String> FIELDS = Set.of("name", "role", "queues", "expiresIn");

    static TokenWish read(byte[] body) {
        Fields fields = Fields.of(Json.value(Slice.of(body)), FIELDS);
        String name = fields.requiredText("name");
        fields.guarded("name", () -> io.penstock.job.Names.check("token", name));
        String word = fields.requiredText("role");
        Role role = Role.of(word);
        if (role == null) {
            throw Problem.invalid(
                    fields.pointer("role"),
                    "role \"" + Text.shown(word) + "\" is unknown; nothing was made; "
                            + Text.legal(word, Role.words()));
        }
        return new TokenWish(name, role, queues(fields), span(fields));
    }

    private static List<String> queues(Fields fields) {
        List<String> queues = fields.texts("queues", Token.MOST_QUEUES);
        if (queues == null) {
            return List.of();
        }
        if (queues.isEmpty()) {
            throw Problem.invalid(
                    fields.pointer("queues"),
                    "queues is empty; nothing was made; name 1 to " + Token.MOST_QUEUES
                            + " queues or patterns such as mail-*, or leave it out for all queues");
        }
        queues.forEach(pattern -> check(fields, pattern));
        return queues.stream().distinct().toList();
    }

    /** A name, or the beginning of names and a star; a star alone would be all queues by another word. */
    private static void check(Fields fields, String pattern) {
        if (!Caller.pattern(pattern)) {
            throw Problem.invalid(
                    fields.pointer("queues"),
                    "queue pattern \"" + Text.shown(pattern)
                            + "\" is neither the name of a queue nor the beginning of one"
                            + " with a * after it; nothing was made; send mail or mail-*, or leave queues out for all");
        }
    }

    private static @Nullable Duration span(Fields fields) {
        Duration span = fields.duration("expiresIn");
        if (span != null && (span.compareTo(SHORTEST) < 0 || span.compareTo(LONGEST) > 0)) {
            throw Problem.invalid(
                    fields.pointer("expiresIn"),
                    "expiresIn is " + Spans.format(span) + ", and it must be " + Spans.format(SHORTEST) + " to "
                            + Spans.format(LONGEST) + "; nothing was made; send 30d, or leave it out for no end");
        }
        return span;
    }
}
