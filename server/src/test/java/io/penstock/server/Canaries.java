package io.penstock.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Secrets made up for a test, each of which can be found again wherever it gets out. */
final class Canaries {
    private static final List<String> NAMES = List.of(
            "password",
            "userPassword",
            "DB_PASSWORD",
            "passwd",
            "passphrase",
            "secret",
            "clientSecret",
            "client-secret",
            "token",
            "accessToken",
            "refresh_token",
            "id-token",
            "Authorization",
            "proxy-authorization",
            "cookie",
            "Set-Cookie",
            "apiKey",
            "X-API-Key",
            "api_key",
            "private",
            "privateKey",
            "PRIVATE_KEY",
            "credential",
            "credentials",
            "session",
            "sessionId",
            "secretKey",
            "accessKey",
            "signing_key",
            "jwt",
            "csrf-token",
            "bearer",
            "pwd",
            "cvv");

    private final Random random;

    /** What is planted, by where: it must be found there by whoever may see it, and nowhere else. */
    private final Map<String, String> planted = new LinkedHashMap<>();

    Canaries(long seed) {
        random = new Random(seed);
    }

    /** A secret without any shape. */
    String plain(String where) {
        return keep(where, "cnry" + letters(20, "0123456789abcdef"));
    }

    private String keep(String where, String secret) {
        planted.put(where + " #" + planted.size(), secret);
        return secret;
    }

    private String letters(int count, String of) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < count; i++) {
            letters.append(of.charAt(random.nextInt(of.length())));
        }
        return letters.toString();
    }

    String aws(String where) {
        return keep(where, "AKIA" + letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
    }

    String card(String where) {
        String head = "4" + letters(14, "0123456789");
        int sum = 0;
        for (int i = 0; i < head.length(); i++) {
            int digit = head.charAt(head.length() - 1 - i) - '0';
            int twice = i % 2 == 0 ? digit * 2 : digit;
            sum += twice > 9 ? twice - 9 : twice;
        }
        return keep(where, head + (10 - sum % 10) % 10);
    }

    /** A text with a secret that only its shape gives away. */
    List<String> shapes(String where) {
        return List.of(
                "Bearer " + plain(where),
                "https://bob:" + plain(where) + "@example.com/x",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx." + plain(where),
                "-----BEGIN EC PRIVATE KEY-----\\n" + plain(where) + "\\n-----END EC PRIVATE KEY-----",
                "ghp_" + plain(where),
                "the key " + aws(where) + " was used",
                "paid with " + card(where),
                "login failed: password=" + plain(where) + ", try again");
    }

    /** A payload full of secrets: by name, below names, by shape, by the places user.email and orders[*].card. */
    String payload(String where) {
        List<String> fields = new ArrayList<>();
        for (String name : NAMES) {
            fields.add("\"" + name + "\":\"" + plain(where) + "\"");
        }
        fields.add("\"nested\":[{\"deep\":{\"apiKey\":{\"v\":\"" + plain(where) + "\"}}}]");
        fields.add("\"user\":{\"name\":\"bob\",\"email\":\"" + plain(where) + "\"}");
        fields.add("\"orders\":[{\"card\":\"" + plain(where) + "\"},{\"card\":[\"" + plain(where) + "\"]}]");
        fields.add("\"iban\":\"" + plain(where) + "\"");
        fields.add("\"texts\":[\"" + String.join("\",\"", shapes(where)) + "\"]");
        fields.add("\"number\":" + card(where));
        return "{" + String.join(",", fields) + "}";
    }

    /** Returns all that was planted somewhere; an empty word for everywhere. */
    Set<String> of(String where) {
        Set<String> secrets = new TreeSet<>();
        planted.forEach((place, secret) -> {
            if (place.startsWith(where)) {
                secrets.add(secret);
            }
        });
        return secrets;
    }

    /** Returns the places of those that are in a text. */
    List<String> in(String text) {
        String folded = text.toLowerCase(Locale.ROOT);
        return planted.entrySet().stream()
                .filter(each -> folded.contains(each.getValue().toLowerCase(Locale.ROOT)))
                .map(each -> each.getKey() + " = " + each.getValue())
                .toList();
    }

    void also(String where, String secret) {
        keep(where, secret);
    }

    int size() {
        return planted.size();
    }
}
