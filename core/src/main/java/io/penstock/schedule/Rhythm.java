package io.penstock.schedule;

import io.penstock.cron.Cron;
import io.penstock.job.Backoff;
import java.time.Duration;
import java.util.Locale;

/** When runs of a schedule follow one another. */
public sealed interface Rhythm {
    /** The shortest period: cron has no shorter one, and a job a second already is a queue of its own. */
    Duration SHORTEST = Duration.ofSeconds(1);

    /**
     * At times of the calendar of the schedule's zone.
     *
     * @param clockChange what becomes of them when clocks are changed
     */
    record ByCron(Cron cron, Cron.ClockChange clockChange) implements Rhythm {
        /** As {@link Cron#usualClockChange} says. */
        public ByCron(Cron cron) {
            this(cron, cron.usualClockChange());
        }
    }

    /**
     * At a fixed rate, whatever clocks say: at the start, or one period after the schedule was made, and each period after it.
     *
     * @param period 1 s to a year
     */
    record Every(Duration period) implements Rhythm {
        public Every {
            check("every", period);
        }
    }

    /**
     * This long after the last run has ended; first at the start, or this long after the schedule was made. Runs never overlap.
     *
     * @param pause 1 s to a year
     */
    record FixedDelay(Duration pause) implements Rhythm {
        public FixedDelay {
            check("fixedDelay", pause);
        }
    }

    private static void check(String what, Duration span) {
        if (span.compareTo(SHORTEST) < 0 || span.compareTo(Backoff.LONGEST) > 0) {
            throw new IllegalArgumentException(what + " " + span + " is outside " + SHORTEST + " to " + Backoff.LONGEST
                    + "; nothing was scheduled; give a span between them");
        }
    }

    /** Says it in words: in Chinese for {@code zh}, in English for all others. */
    default String describe(Locale locale) {
        boolean zh = locale.getLanguage().equals("zh");
        if (this instanceof Every every) {
            String span = SpanWords.of(every.period, zh);
            return zh ? "每" + span : "every " + span;
        }
        if (this instanceof FixedDelay delay) {
            String span = SpanWords.of(delay.pause, zh);
            return zh ? "上次运行结束后 " + span : span + " after the last run has ended";
        }
        return ((ByCron) this).cron.describe(locale);
    }
}
