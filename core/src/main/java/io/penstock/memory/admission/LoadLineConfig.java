package io.penstock.memory.admission;

/**
 * How a {@link LoadLine} governs.
 *
 * @param line share of the largest heap that jobs and all else may fill, 0.1 to 0.95; 0 = by the collector: 0.70 where
 *     collections stop the program, 0.55 with Shenandoah, 0.75 with ZGC
 * @param groupBytes bytes that the running jobs of one group (tenant) may need at once; 0 = as many as fit. One job of
 *     each group runs, however large
 */
public record LoadLineConfig(Mode mode, double line, long groupBytes) {
    /** Governed, by the collector's line, without a budget for groups. */
    public static final LoadLineConfig DEFAULT = new LoadLineConfig(Mode.ENFORCE, 0, 0);

    /** What becomes of a job that does not fit. */
    public enum Mode {
        /** Nothing is counted and everything runs. */
        OFF,
        /** Everything runs; what would have waited is counted. */
        MONITOR,
        /** It waits. */
        ENFORCE
    }

    public LoadLineConfig {
        if (line != 0 && !(line >= 0.1 && line <= 0.95)) {
            throw new IllegalArgumentException("memory.load-line " + line
                    + " is out of range: it must be 0.1 to 0.95, or 0 for the collector's own; nothing was started");
        }
        if (groupBytes < 0) {
            throw new IllegalArgumentException("memory.group-bytes " + groupBytes
                    + " is negative; nothing was started; give 0 for no budget, or bytes");
        }
    }

    /** Returns this in another mode. */
    public LoadLineConfig mode(Mode other) {
        return new LoadLineConfig(other, line, groupBytes);
    }

    /** Returns this with another line. */
    public LoadLineConfig line(double share) {
        return new LoadLineConfig(mode, share, groupBytes);
    }

    /** Returns this with another budget for each group. */
    public LoadLineConfig groupBytes(long bytes) {
        return new LoadLineConfig(mode, line, bytes);
    }
}
