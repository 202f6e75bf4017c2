package io.penstock.server.operation;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.JobSweep.Action;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.SearchText;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request for an operation.
 *
 * @param filter null = these ids
 */
record Wanted(Action action, @Nullable JobFilter filter, List<String> ids, boolean dryRun) {
    /** Ids of one operation: with 20 characters each a fifth of the largest body. */
    static final int MOST_IDS = 10_000;

    private static final Set<String> FIELDS = Set.of("action", "filter", "ids", "dryRun");
    private static final Set<String> FILTER =
            Set.of("q", "queue", "state", "id", "type", "group", "error", "key", "olderThan");
    private static final List<String> ACTIONS = List.of("retry", "requeue", "cancel", "promote", "delete");

    static Wanted read(byte[] body, Instant now) {
        Fields fields = Fields.of(Json.value(Slice.of(body)), FIELDS);
        Action action = action(fields);
        Fields filter = fields.object("filter", FILTER);
        List<String> ids = fields.texts("ids", MOST_IDS);
        if ((filter == null) == (ids == null)) {
            throw Problem.invalid(
                    "/filter",
                    "an operation needs a filter or ids, one of them; nothing was done; send \"filter\":{...}, empty for all"
                            + " jobs that it suits, or \"ids\":[...]");
        }
        return new Wanted(
                action,
                filter == null ? null : filter(filter, action, now),
                ids == null ? List.of() : ids(ids),
                Boolean.TRUE.equals(fields.flag("dryRun")));
    }

    private static Action action(Fields fields) {
        String wire = fields.requiredText("action");
        if (!ACTIONS.contains(wire)) {
            throw Problem.invalid(
                    "/action",
                    "action \"" + Text.shown(wire) + "\" is unknown; nothing was done; " + Text.legal(wire, ACTIONS));
        }
        return Action.valueOf(wire.toUpperCase(Locale.ROOT));
    }

    private static List<String> ids(List<String> given) {
        if (given.isEmpty()) {
            throw Problem.invalid("/ids", "there is no id; nothing was done; send 1 to " + MOST_IDS);
        }
        List<String> ids = new ArrayList<>(new LinkedHashSet<>(given));
        for (int i = 0; i < ids.size(); i++) {
            try {
                JobId.parse(ids.get(i));
            } catch (IllegalArgumentException none) {
                throw Problem.invalid("/ids/" + given.indexOf(ids.get(i)), String.valueOf(none.getMessage()));
            }
        }
        return ids;
    }

    private static JobFilter filter(Fields fields, Action action, Instant now) {
        Map<String, @Nullable String> given = new HashMap<>();
        for (String name : SearchText.QUALIFIERS) {
            if (!name.equals("state")) {
                String text = fields.text(name);
                if (text != null && (text.isEmpty() || text.length() > SearchText.MOST)) {
                    throw Problem.invalid(
                            fields.pointer(name),
                            name + " of " + text.length() + " characters; it needs 1 to " + SearchText.MOST
                                    + "; nothing was done; mend it");
                }
                given.put(name, text);
            }
        }
        given.put("state", states(fields));
        JobFilter filter = SearchText.read(fields.text("q"), given);
        Duration age = fields.duration("olderThan");
        JobFilter aged = age == null ? filter : filter.until(before(now, age));
        return aged.in(suiting(action, aged));
    }

    private static Instant before(Instant now, Duration age) {
        return age.compareTo(Duration.between(Instant.EPOCH, now)) > 0 ? Instant.EPOCH : now.minus(age);
    }

    private static @Nullable String states(Fields fields) {
        Slice slice = fields.raw("state");
        if (slice == null) {
            return null;
        }
        List<String> states = slice.bytes()[slice.from()] == '[' ? fields.texts("state", 8) : null;
        return states == null ? fields.text("state") : String.join(",", states);
    }

    /** What is asked for must make sense as it stands; what is left open is filled in with what is meant nearly always. */
    private static Set<JobState> suiting(Action action, JobFilter filter) {
        Set<JobState> suits = Plan.suits(action);
        String legal = names(suits);
        if (filter.states().isEmpty()) {
            if (action == Action.REQUEUE || (action == Action.DELETE && filter.error() == null)) {
                throw Problem.invalid(
                        "/filter/state",
                        "to " + Plan.wire(action) + " jobs say in which states; nothing was done; send one or more of "
                                + legal);
            }
            return action == Action.RETRY || action == Action.DELETE
                    ? Set.of(JobState.FAILED)
                    : action == Action.PROMOTE ? Set.of(JobState.DELAYED) : suits;
        }
        for (JobState state : filter.states()) {
            if (!suits.contains(state)) {
                throw Problem.invalid(
                        "/filter/state",
                        "jobs that are " + state.wire() + " do not suit \"" + Plan.wire(action) + "\""
                                + "; nothing was done; leave the state out or use " + legal);
            }
        }
        return filter.states();
    }

    private static String names(Set<JobState> states) {
        Set<String> names = new TreeSet<>();
        states.forEach(state -> names.add(state.wire()));
        return String.join(", ", names);
    }
}
