package io.penstock.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.runtime.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** Times as a person wants them in a table: how long ago, in one unit. */
public final class Ages {
    private Ages() {}

    /** How long ago by the clock of this machine. */
    public static String since(JsonNode instant) {
        return since(instant, Instant.ofEpochMilli(Clock.system().millis()));
    }

    public static String since(JsonNode instant, Instant now) {
        if (!instant.isTextual()) {
            return "";
        }
        try {
            Duration age = Duration.between(Instant.parse(instant.asText()), now);
            return age.isNegative() ? "in " + rough(age.negated()) : rough(age);
        } catch (DateTimeException foreign) {
            return instant.asText();
        }
    }

    public static String millis(JsonNode millis) {
        return millis.isNumber() ? rough(Duration.ofMillis(millis.asLong())) : "";
    }

    public static String rough(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return duration.toMillis() + "ms";
        }
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 7_200) {
            return seconds / 60 + "m";
        }
        return seconds < 172_800 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }
}
