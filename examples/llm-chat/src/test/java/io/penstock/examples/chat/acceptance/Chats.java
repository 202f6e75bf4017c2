package io.penstock.examples.chat.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/** Callers that chat: each asks, reads the stream to its end, and asks again until the time is over. */
final class Chats {
    /**
     * What a stream is made of: how a request looks, which lines carry a token, which one ends it well.
     *
     * @param token whether a line is a token of the answer
     * @param end whether a line says that the answer is complete
     */
    record Dialect(String path, IntFunction<String> body, Predicate<String> token, Predicate<String> end) {}

    /**
     * What came of it.
     *
     * @param begun requests that were sent
     * @param complete streams that were read to their good end
     * @param others what became of the rest, by status or error
     * @param seconds from the first request to the last end
     */
    record Outcome(
            int begun,
            int complete,
            Map<String, Integer> others,
            Percentiles first,
            Percentiles whole,
            double seconds) {
        double perMinute() {
            return complete / seconds * 60;
        }
    }

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long LONGEST_WAIT_SECONDS = 10;
    private static final String RETRY_AFTER = "retry-after:";

    private final URI base;
    private final Dialect dialect;
    private final List<Double> first = new ArrayList<>();
    private final List<Double> whole = new ArrayList<>();
    private final Map<String, Integer> others = new TreeMap<>();
    private int begun;

    Chats(URI base, Dialect dialect) {
        this.base = base;
        this.dialect = dialect;
    }

    /** Each caller asks at least once. */
    Outcome run(int callers, Duration time) throws InterruptedException {
        long began = System.nanoTime();
        Crowd.run("chat", callers, caller -> {
            do {
                one(caller);
            } while (System.nanoTime() - began < time.toNanos());
        });
        double seconds = (System.nanoTime() - began) / 1e9;
        synchronized (this) {
            return new Outcome(
                    begun, whole.size(), new TreeMap<>(others), Percentiles.of(first), Percentiles.of(whole), seconds);
        }
    }

    /** A connection of its own for each chat, as a hundred people would have; it ends with the answer. */
    private void one(int caller) {
        int number;
        synchronized (this) {
            number = begun++;
        }
        byte[] body = dialect.body().apply(number).getBytes(StandardCharsets.UTF_8);
        String head = "POST " + dialect.path() + " HTTP/1.0\r\nHost: " + base.getAuthority()
                + "\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nX-Tenant: caller-" + caller
                + "\r\nContent-Length: " + body.length + "\r\n\r\n";
        long began = System.nanoTime();
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            answer(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)), began);
        } catch (IOException broken) {
            other(String.valueOf(broken.getMessage()));
        }
    }

    private void answer(BufferedReader in, long began) throws IOException {
        String status = in.readLine();
        if (status == null) {
            throw new IOException("no answer");
        }
        long retryAfter = 1;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.toLowerCase(Locale.ROOT).startsWith(RETRY_AFTER)) {
                retryAfter = Long.parseLong(line.substring(RETRY_AFTER.length()).strip());
            }
        }
        if (status.startsWith("2", "HTTP/1.x ".length())) {
            read(in, began);
            return;
        }
        other(status);
        LockSupport.parkNanos(
                Duration.ofSeconds(Math.min(LONGEST_WAIT_SECONDS, retryAfter)).toNanos());
    }

    private void read(BufferedReader lines, long began) throws IOException {
        double firstMillis = Double.NaN;
        String last = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            double millis = (System.nanoTime() - began) / 1e6;
            if (Double.isNaN(firstMillis) && dialect.token().test(line)) {
                firstMillis = millis;
            }
            if (dialect.end().test(line)) {
                synchronized (this) {
                    whole.add(millis);
                    if (!Double.isNaN(firstMillis)) {
                        first.add(firstMillis);
                    }
                }
                return;
            }
            last = line.isBlank() ? last : line;
        }
        other("ended with " + last.substring(0, Math.min(60, last.length())));
    }

    private synchronized void other(String what) {
        others.merge(what, 1, Integer::sum);
    }
}
