package io.penstock.examples.chat.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Many plain requests at once, each on a connection of its own, as {@code ab -n N -c C} makes them; by ab itself where it is
 * installed.
 *
 * @param tool that made them
 * @param failed without an answer, or with another than 2xx
 * @param meanMillis of a request
 */
record Flood(String tool, int requests, int failed, double meanMillis, double p50Millis, double p99Millis) {
    private static final int BUFFER_BYTES = 8_192;

    static Flood run(URI url, int requests, int callers) throws IOException, InterruptedException {
        return installed() ? ab(url, requests, callers) : own(url, requests, callers);
    }

    private static boolean installed() throws InterruptedException {
        try {
            return new ProcessBuilder("ab", "-V")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private static Flood ab(URI url, int requests, int callers) throws IOException, InterruptedException {
        Process ab = new ProcessBuilder(
                        "ab", "-q", "-l", "-s", "120", "-n", "" + requests, "-c", "" + callers, url.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(ab.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (ab.waitFor() != 0) {
            throw new IOException("ab failed: " + said.strip());
        }
        return ofAb(said);
    }

    /** Reads what ab prints. */
    static Flood ofAb(String said) throws IOException {
        double failed = number(said, "Failed requests:\\s+([\\d.]+)", 0);
        double other = number(said, "Non-2xx responses:\\s+([\\d.]+)", 0);
        int done = (int) number(said, "Complete requests:\\s+([\\d.]+)", -1);
        if (done < 0) {
            throw new IOException("ab did not say how many requests it made: " + said.strip());
        }
        return new Flood(
                "ab",
                done,
                (int) (failed + other),
                number(said, "Time per request:\\s+([\\d.]+) \\[ms\\] \\(mean\\)", Double.NaN),
                number(said, "\\n\\s+50%\\s+(\\d+)", Double.NaN),
                number(said, "\\n\\s+99%\\s+(\\d+)", Double.NaN));
    }

    private static double number(String text, String pattern, double otherwise) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        return found.find() ? Double.parseDouble(found.group(1)) : otherwise;
    }

    /** The same shape without ab. */
    static Flood own(URI url, int requests, int callers) throws InterruptedException {
        List<Double> millis = new ArrayList<>();
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        Crowd.run("flood", callers, caller -> {
            while (begun.getAndIncrement() < requests) {
                long began = System.nanoTime();
                if (!one(url)) {
                    failed.incrementAndGet();
                }
                double took = (System.nanoTime() - began) / 1e6;
                synchronized (millis) {
                    millis.add(took);
                }
            }
        });
        Percentiles all = Percentiles.of(millis);
        return new Flood("own generator", millis.size(), failed.get(), all.mean(), all.at(0.5), all.at(0.99));
    }

    private static boolean one(URI url) {
        String request = "GET " + url.getRawPath() + " HTTP/1.0\r\nHost: " + url.getHost() + "\r\nAccept: */*\r\n\r\n";
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            int first = in.read(buffer);
            boolean fine = first > 12 && new String(buffer, 9, 1, StandardCharsets.US_ASCII).equals("2");
            while (first >= 0) {
                first = in.read(buffer);
            }
            return fine;
        } catch (IOException broken) {
            return false;
        }
    }
}
