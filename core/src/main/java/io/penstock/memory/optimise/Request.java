package io.penstock.memory.optimise;

import java.util.Locale;

/**
 * A wish for one optimisation.
 *
 * @param strategy the name of a {@link Strategy}, in lower case
 * @param reason in the words of whoever asks; cut at {@value #MOST_REASON} characters
 * @param force runs before the wait of its trigger is over and without leaving out steps that gave nothing lately; it
 *     does not permit a collection that the rule forbids
 */
public record Request(Trigger trigger, String strategy, String reason, boolean force) {
    /** A line of a screen or two: it stands in a history of a thousand. */
    static final int MOST_REASON = 200;

    public Request {
        strategy = strategy.toLowerCase(Locale.ROOT);
        reason = Texts.cut(reason, MOST_REASON);
    }

    /** Asks as a person does. */
    public static Request manual(String strategy, String reason) {
        return new Request(Trigger.MANUAL, strategy, reason, false);
    }

    /** Asks because the trend points to a full heap. */
    public static Request preventive(String reason) {
        return new Request(Trigger.PREVENTIVE, "preventive", reason, false);
    }

    /** Asks because the level says that little memory is left. */
    public static Request emergency(String reason) {
        return new Request(Trigger.EMERGENCY, "emergency", reason, false);
    }
}
