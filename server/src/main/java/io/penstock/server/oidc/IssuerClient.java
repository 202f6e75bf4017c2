package io.penstock.server.oidc;

import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import io.penstock.server.settings.Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the issuer over HTTP.
 *
 * <p>Bounds: {@link #LONGEST} for a whole conversation, however slowly the other side drips, and {@value #MOST_BYTES} bytes
 * of an answer. No redirect is followed. Threads: that of the caller, which waits.
 */
final class IssuerClient {
    /** A person waits for it. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    /** Discovery and key sets of the large issuers are below 20 KB. */
    static final int MOST_BYTES = 256 << 10;

    private static final int READ_MILLIS = 5_000;

    private final Timer timer;
    private final Duration longest;

    IssuerClient(Timer timer, Duration longest) {
        this.timer = timer;
        this.longest = longest;
    }

    /** What came back. */
    record Answer(int status, String body) {}

    /** Tells whether an address may be asked: TLS, but for this machine itself. */
    static boolean safe(URI address) {
        String host = address.getHost();
        boolean local = host != null && "http".equals(address.getScheme()) && Address.loopback(host);
        return host != null && address.getUserInfo() == null && (local || "https".equals(address.getScheme()));
    }

    /** @throws IOException if nobody answers in time, or with too much */
    Answer get(URI address) throws IOException {
        return talk(address, Map.of(), null);
    }

    /** As {@link #get}, with a form. */
    Answer post(URI address, Map<String, String> headers, String form) throws IOException {
        return talk(address, headers, form);
    }

    private Answer talk(URI address, Map<String, String> headers, @Nullable String form) throws IOException {
        if (!safe(address)) {
            throw new IOException(
                    "the issuer names an address that is neither https nor this machine's: " + address.getHost());
        }
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(READ_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setRequestProperty("Accept", "application/json");
        connection.setRequestProperty("Connection", "close");
        headers.forEach(connection::setRequestProperty);
        // its own timeouts are for one read each
        Task deadline = timer.after("oidc-deadline", longest, connection::disconnect);
        try {
            if (form != null) {
                send(connection, form);
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return new Answer(status, in == null ? "" : text(in));
            }
        } catch (RuntimeException torn) {
            throw new IOException("the conversation was broken off", torn); // by the deadline, in the middle of a read
        } finally {
            deadline.close();
            connection.disconnect();
        }
    }

    private static void send(HttpURLConnection connection, String form) throws IOException {
        byte[] body = form.getBytes(StandardCharsets.UTF_8);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
    }

    private static String text(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new IOException("the answer is longer than " + MOST_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
