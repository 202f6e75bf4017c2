package io.penstock.examples.chat.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

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

    private final URI base;
    private final Dialect dialect;
    private final HttpClient client = HttpClient.newHttpClient();
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

    private void one(int caller) throws InterruptedException {
        int number;
        synchronized (this) {
            number = begun++;
        }
        HttpRequest request = HttpRequest.newBuilder(base.resolve(dialect.path()))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .header("X-Tenant", "caller-" + caller)
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(dialect.body().apply(number)))
                .build();
        long began = System.nanoTime();
        try {
            HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                if (response.statusCode() / 100 == 2) {
                    read(lines.iterator(), began);
                } else {
                    other("status " + response.statusCode());
                    obey(response);
                }
            }
        } catch (IOException | UncheckedIOException broken) {
            other(String.valueOf(broken.getMessage()));
        }
    }

    /** Waits as long as whoever was refused is told to. */
    private static void obey(HttpResponse<?> refused) {
        long seconds = refused.headers().firstValueAsLong("Retry-After").orElse(1);
        LockSupport.parkNanos(
                Duration.ofSeconds(Math.min(LONGEST_WAIT_SECONDS, seconds)).toNanos());
    }

    private void read(Iterator<String> lines, long began) {
        double firstMillis = Double.NaN;
        String last = "";
        while (lines.hasNext()) {
            String line = lines.next();
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
