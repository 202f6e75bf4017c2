package io.penstock.worker;

import io.penstock.queue.QueueStore;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The progress and the log of one run, gathered so that a chatty handler costs Redis one write a second.
 *
 * <p>Bound: 64 KiB of log a run, sent in pieces of 4 KiB. Threads: safe. A write that fails is lost: notes are for
 * people, and the run goes on.
 */
final class Notes {
    /** What one write of log carries. */
    static final int LOG_PIECE_BYTES = 4 << 10;

    /** What one run may log. */
    static final int MOST_LOG_BYTES = 64 << 10;

    /** What one progress value may hold: it is shown in lists. */
    static final int MOST_PROGRESS_BYTES = 4 << 10;

    private static final String CUT = "... (cut here: a run keeps 64 KiB of log)\n";

    private final Run run;
    private final StringBuilder lines = new StringBuilder();
    private int lineBytes;
    private int logged;
    private boolean cut;
    private boolean over;
    private byte @Nullable [] progress;
    private boolean told;
    private @Nullable Emitter emitter;

    Notes(Run run) {
        this.run = run;
    }

    synchronized void progress(byte[] json) {
        if (json.length > MOST_PROGRESS_BYTES) {
            throw new IllegalArgumentException("progress of job " + run.job.id() + " has " + json.length
                    + " bytes, more than " + MOST_PROGRESS_BYTES + "; it was not told; make it smaller");
        }
        progress = json;
        if (!told) {
            told = true; // the first word at once, the others when the second is round
            sendProgress();
        }
    }

    /** Made with the first piece: runs that emit nothing pay nothing. */
    synchronized Emitter emitter() {
        Emitter mine = emitter;
        if (mine == null) {
            mine = new Emitter(run);
            emitter = mine;
        }
        return mine;
    }

    synchronized void log(String line) {
        if (cut || over) {
            return;
        }
        int room = MOST_LOG_BYTES - logged - CUT.length();
        String text = line + "\n";
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > room) {
            cut = true;
            add(CUT, CUT.length());
        } else {
            addPieces(text, bytes);
        }
    }

    private void addPieces(String text, int bytes) {
        if (bytes <= LOG_PIECE_BYTES) {
            add(text, bytes);
            return;
        }
        // at most 3 bytes a char, so a piece of a quarter of the limit in chars always fits; surrogates stay together
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + LOG_PIECE_BYTES / 4);
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            String piece = text.substring(from, to);
            add(piece, piece.getBytes(StandardCharsets.UTF_8).length);
            from = to;
        }
    }

    private void add(String text, int bytes) {
        if (lineBytes + bytes > LOG_PIECE_BYTES) {
            sendLog();
        }
        lines.append(text);
        lineBytes += bytes;
        logged += bytes;
    }

    /** @param last whether the run has ended: nothing is taken after that */
    synchronized void flush(boolean last) {
        sendProgress();
        sendLog();
        if (emitter != null) {
            emitter.flush(last);
        }
        over |= last;
    }

    private void sendProgress() {
        byte[] json = progress;
        if (json != null && !over) {
            progress = null;
            store().progress(run.job, json);
        }
    }

    private void sendLog() {
        if (lineBytes > 0 && !over) {
            String piece = lines.toString();
            lines.setLength(0);
            lineBytes = 0;
            store().log(run.job, piece.getBytes(StandardCharsets.UTF_8));
        }
    }

    private QueueStore store() {
        return run.hold.intake.store();
    }
}
