package io.penstock.server.token;

import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Role;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A token that was given out, without its secret: who has that has the token.
 *
 * @param id 16 hexadecimal digits; the part of the text that names the token
 * @param name what the admin calls it
 * @param queues patterns, at most {@value #MOST_QUEUES}; empty = all
 * @param expiresAt null = never
 * @param digest SHA-256 of the text, as hexadecimal digits
 */
record Token(
        String id,
        String name,
        Role role,
        List<String> queues,
        Instant createdAt,
        @Nullable Instant expiresAt,
        String digest) {
    static final int MOST_QUEUES = 32;

    /** The only fields of the hash in Redis that are tokens. */
    static final String ID = "[0-9a-f]{16}";

    private static final String BEGIN = "pk_";
    private static final int ID_BYTES = 8;
    private static final int SECRET_BYTES = 32; // 256 bits: guessing is out of the question
    private static final int ID_END = BEGIN.length() + 2 * ID_BYTES;

    /** The secret takes 43 characters. */
    private static final int LENGTH = ID_END + 1 + 43;

    private static final Set<String> FIELDS =
            Set.of("name", "role", "queues", "createdAt", "expiresAt", "digest", "version");

    Token {
        queues = List.copyOf(queues);
    }

    /** A new token with the one and only copy of its text. */
    record Fresh(Token token, String text) {}

    static Fresh make(TokenWish wish, Instant now) {
        SecureRandom random = new SecureRandom();
        byte[] id = new byte[ID_BYTES];
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(id);
        random.nextBytes(secret);
        String named = HexFormat.of().formatHex(id);
        String text =
                BEGIN + named + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant end = wish.expiresIn() == null ? null : now.plus(wish.expiresIn());
        Token token = new Token(named, wish.name(), wish.role(), wish.queues(), now, end, digest(text));
        return new Fresh(token, text);
    }

    private static String digest(String text) {
        return Digest.hex(text, 32);
    }

    /** Returns the id in the text of a token; null = it is no such text. */
    static @Nullable String id(String text) {
        boolean shaped = text.length() == LENGTH && text.startsWith(BEGIN) && text.charAt(ID_END) == '_';
        return shaped ? text.substring(BEGIN.length(), ID_END) : null;
    }

    /** Tells in constant time whether this is the text. */
    boolean matches(String text) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(digest), Digest.sha256(text));
    }

    boolean over(long nowMillis) {
        return expiresAt != null && expiresAt.toEpochMilli() <= nowMillis;
    }

    Caller caller() {
        return new Caller(name + "." + id, role, queues);
    }

    byte[] stored() {
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeStringField("role", role.wire());
            json.writeArrayFieldStart("queues");
            for (String queue : queues) {
                json.writeString(queue);
            }
            json.writeEndArray();
            Json.instant(json, "createdAt", createdAt);
            Json.instant(json, "expiresAt", expiresAt);
            json.writeStringField("digest", digest);
            json.writeEndObject();
        });
    }

    /**
     * Reads what {@link #stored} wrote.
     *
     * @throws Problem if it is nothing that this version understands whole: it is safer to refuse a token than to guess
     *     what it may
     */
    static Token parse(String id, byte[] stored) {
        Fields fields = Fields.of(Json.value(Slice.of(stored)), FIELDS);
        Role role = Role.of(fields.requiredText("role"));
        List<String> queues = fields.texts("queues", MOST_QUEUES);
        String digest = fields.requiredText("digest");
        if (role == null || queues == null || !digest.matches("[0-9a-f]{64}")) {
            throw Problem.invalid("", "token " + id + " is not one that this version knows");
        }
        Instant created = Objects.requireNonNullElse(fields.instant("createdAt"), Instant.EPOCH);
        return new Token(id, fields.requiredText("name"), role, queues, created, fields.instant("expiresAt"), digest);
    }
}
