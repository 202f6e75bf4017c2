package io.penstock.server.caller;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A person whom the issuer vouched for, as the text that a session carries; the session's MAC says that it is ours. */
final class Vouched {
    private static final String BETWEEN = "\n";

    private Vouched() {}

    /** Tells whether a session has room for it. */
    static boolean fits(Caller caller) {
        return write(caller).length() < Sessions.MOST_OWNER;
    }

    static String write(Caller caller) {
        List<String> lines = new ArrayList<>(List.of(caller.role().wire(), caller.name()));
        lines.addAll(caller.queues());
        byte[] text = String.join(BETWEEN, lines).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
    }

    /** Null = of a version that writes it otherwise. */
    static @Nullable Caller read(String text) {
        try {
            String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            List<String> lines = List.of(plain.split(BETWEEN, -1));
            Role role = Role.of(lines.get(0));
            return role == null || lines.size() < 2
                    ? null
                    : new Caller(lines.get(1), role, lines.subList(2, lines.size()));
        } catch (IllegalArgumentException foreign) {
            return null;
        }
    }
}
