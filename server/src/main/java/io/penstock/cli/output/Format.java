package io.penstock.cli.output;

import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** How data is written. */
public enum Format {
    TABLE,
    WIDE,
    JSON,
    NDJSON,
    CSV;

    public static Format of(String text) {
        for (Format format : values()) {
            if (format.name().equals(text.toUpperCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new TypeConversionException("\"" + text + "\" is none of table, wide, json, ndjson, csv");
    }
}
