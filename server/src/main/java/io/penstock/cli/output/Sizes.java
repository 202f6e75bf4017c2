package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** Bytes and shares as a person wants them: three digits and a unit. */
public final class Sizes {
    private static final String UNKNOWN = "unknown";
    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};
    private static final double STEP = 1_024;

    private Sizes() {}

    /** Returns bytes in the unit that fits. */
    public static String bytes(JsonNode bytes) {
        if (!bytes.isNumber()) {
            return UNKNOWN;
        }
        double number = bytes.asDouble();
        int unit = 0;
        while (Math.abs(number) >= STEP && unit < UNITS.length - 1) {
            number /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", number, UNITS[unit]);
    }

    /**
     * Returns a share in percent, empty if it is no number.
     *
     * @param whole what stands for 100 %
     */
    public static String percent(JsonNode share, double whole) {
        return share.isNumber() ? Math.round(share.asDouble() * 100 / whole) + " %" : "";
    }
}
