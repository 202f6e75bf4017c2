package io.penstock.server.channel;

import io.penstock.server.delivery.Outbound;
import io.penstock.server.wire.Text;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;

/** One thing that is set about a channel of some kind. */
enum Knob {
    /** Where it posts to; its path and query are a secret. */
    URL("url", true),
    /** What signs. */
    SECRET("secret", true),
    ROUTING_KEY("routingKey", true),
    HOST("host", false),
    PORT("port", false),
    TLS("tls", false),
    USERNAME("username", false),
    PASSWORD("password", true),
    FROM("from", false),
    TO("to", false);

    /** Stands for what is not shown; sent back, it keeps what there is. */
    static final String HIDDEN = "***";

    private static final int MOST_CHARACTERS = 2_000;
    private static final int MOST_RECEIVERS = 20;
    private static final int LEAST_SECRET = 8;
    private static final Set<String> TLS_WORDS = Set.of("starttls", "tls", "none");

    private final String key;
    private final boolean secret;

    Knob(String key, boolean secret) {
        this.key = key;
        this.secret = secret;
    }

    String key() {
        return key;
    }

    boolean secret() {
        return secret;
    }

    /** Tells whether it says where things go, so that a secret said for one place does not follow to another. */
    boolean place() {
        return this == URL || this == HOST || this == PORT || this == TLS;
    }

    /** Returns the value as anybody may see it. */
    String shown(String value) {
        if (this == URL) {
            URI uri = URI.create(value);
            return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()) + "/"
                    + HIDDEN;
        }
        return secret ? HIDDEN : value;
    }

    /**
     * Checks a value.
     *
     * @throws IllegalArgumentException saying what is legal, and never the value of a secret
     */
    void check(String value, Outbound outbound) {
        require(
                value.length() <= MOST_CHARACTERS && !value.matches("(?s).*\\p{Cntrl}.*"),
                "has control characters" + " or more than " + MOST_CHARACTERS + " in all");
        switch (this) {
            case URL -> checkUrl(value, outbound);
            case SECRET -> require(value.length() >= LEAST_SECRET, "is shorter than " + LEAST_SECRET + " characters");
            case ROUTING_KEY ->
                require(value.matches("[A-Za-z0-9]{32}"), "is not the 32 letters and digits of an integration key");
            case HOST ->
                require(value.matches("[A-Za-z0-9._:\\[\\]-]{1,253}"), "\"" + Text.shown(value) + "\" is no host");
            case PORT -> require(value.matches("[1-9]\\d{0,4}") && Integer.parseInt(value) < 65_536, "is no port");
            case TLS ->
                require(TLS_WORDS.contains(value), "\"" + Text.shown(value) + "\" is none of starttls, tls, none");
            case FROM -> require(addresses(value).size() == 1, "is not one address such as penstock@example.com");
            case TO -> {
                int count = addresses(value).size();
                require(count > 0 && count <= MOST_RECEIVERS, "is not 1 to " + MOST_RECEIVERS + " addresses");
            }
            case USERNAME, PASSWORD -> require(!value.isEmpty(), "is empty");
        }
    }

    private void checkUrl(String value, Outbound outbound) {
        URI uri;
        try {
            uri = URI.create(value);
        } catch (IllegalArgumentException foreign) {
            throw new IllegalArgumentException(
                    "url is not an address such as https://host/path (it is not repeated here, it may be a secret);"
                            + " nothing was changed; mend it");
        }
        require(uri.getHost() != null && uri.getRawFragment() == null, "is no address such as https://host/path");
        outbound.check(uri);
    }

    private List<InternetAddress> addresses(String value) {
        try {
            return List.of(InternetAddress.parse(value, true));
        } catch (AddressException foreign) {
            throw new IllegalArgumentException(key + " \"" + Text.shown(value)
                    + "\" has something that is no mail address; nothing was changed; write ops@example.com with commas"
                    + " between several");
        }
    }

    private void require(boolean legal, String fault) {
        if (!legal) {
            throw new IllegalArgumentException(key + " " + fault + "; nothing was changed; mend it");
        }
    }
}
