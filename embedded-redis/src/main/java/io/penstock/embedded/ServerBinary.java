package io.penstock.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server executable that has shown that it runs here, and its version. */
record ServerBinary(Path path, ServerVersion version, boolean bundled) {
    /** Printing a version takes 5 ms; a cold disk and a busy machine get a thousand times as much. */
    private static final int PROBE_SECONDS = 5;

    // ProcessBuilder tells errno in its message only: "error=2, No such ..." up to JDK 24, "error: 2 (No such ..." on
    // 25
    private static final Pattern ERRNO = Pattern.compile("error[=:] ?(\\d{1,4})");
    private static final int NO_ENTRY = 2;
    private static final int NO_ACCESS = 13;
    private static final int TEXT_FILE_BUSY = 26;

    /**
     * Runs {@code --version}: the only proof that the loader finds the libraries and the kernel the instruction set.
     * The output goes through a file, because reading a pipe has no deadline without a thread.
     */
    static ServerBinary probe(Path path, boolean bundled, Path scratch) throws UnusableBinaryException {
        try {
            Path output = PrivateFiles.createFile(scratch.resolve("probe-" + PrivateFiles.randomHex(4)));
            try {
                return probeInto(output, path, bundled);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException failed) {
            throw new UnusableBinaryException(explain(path, failed), failed);
        }
    }

    private static ServerBinary probeInto(Path output, Path path, boolean bundled)
            throws IOException, UnusableBinaryException {
        Process process = launch(new ProcessBuilder(path.toString(), "--version")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile()));
        String said;
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
                throw new UnusableBinaryException("no answer to --version within " + PROBE_SECONDS + " s");
            }
            said = Excerpt.tail(output, 0);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnusableBinaryException("interrupted while it printed its version", interrupted);
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new UnusableBinaryException("exit code " + process.exitValue() + ", it said: " + said);
        }
        ServerVersion version = ServerVersion.parse(said)
                .orElseThrow(() -> new UnusableBinaryException("not a Redis or Valkey server, it said: " + said));
        if (version.tooOld()) {
            throw new UnusableBinaryException("version " + version + ", below " + ServerVersion.LOWEST_MAJOR + ".0");
        }
        return new ServerBinary(path, version, bundled);
    }

    /**
     * Another thread's half-made child may still hold the file open for writing that we have just unpacked; the kernel
     * then answers ETXTBSY for about a millisecond.
     */
    private static Process launch(ProcessBuilder builder) throws IOException {
        for (int retries = 5; ; retries--) {
            try {
                return builder.start();
            } catch (IOException busy) {
                if (retries == 0 || errno(busy) != TEXT_FILE_BUSY) throw busy;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    /** The kernel says "no such file" of a file that exists when its loader is absent, which misleads everybody. */
    private static String explain(Path path, IOException failed) {
        String message = String.valueOf(failed.getMessage()).strip();
        if (errno(failed) == NO_ENTRY && Files.exists(path)) {
            return message + " (the file is there, its loader is not: a glibc binary on a musl system?)";
        }
        if (errno(failed) == NO_ACCESS) return message + " (not executable, or the file system is mounted noexec)";
        return message;
    }

    private static int errno(IOException failed) {
        Matcher number = ERRNO.matcher(String.valueOf(failed.getMessage()));
        return number.find() ? Integer.parseInt(number.group(1)) : 0;
    }
}
