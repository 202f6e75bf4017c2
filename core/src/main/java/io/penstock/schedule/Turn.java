package io.penstock.schedule;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule that is due wants at this moment, by its misfire policy; nothing is done here.
 *
 * @param run the run to start now, null = none
 * @param granted missed runs that follow it and are made up for too
 * @param next the run to wait for if none starts now
 * @param missed runs that are left out, {@code firstMissed} the first of them
 */
record Turn(
        @Nullable Instant run,
        int granted,
        @Nullable Instant next,
        int missed,
        @Nullable Instant firstMissed) {
    /** Decides for a schedule whose next run is due. */
    static Turn of(Schedule schedule, Plan plan, ScheduleState state, Instant now) {
        Instant next = state.nextRun();
        if (next == null) {
            return new Turn(null, 0, null, 0, null);
        }
        Instant limit = now.minus(Schedule.PATIENCE);
        boolean late = plan.at(next).isBefore(limit);
        if (!late || state.held() || state.granted() > 0 || schedule.rhythm() instanceof Rhythm.FixedDelay) {
            // what was decided stays decided; a delay from the end of a run can be long, but not missed
            return new Turn(next, Math.max(0, state.granted() - 1), null, 0, null);
        }
        int most = switch (schedule.misfire()) {
            case SKIP -> 0;
            case ONCE -> 1;
            case CATCH_UP -> schedule.catchUp();
        };
        Instant cut = limit.isBefore(next) ? next : limit; // jitter may put a run behind the line whose instant is not
        Plan.Missed missed = plan.between(next, cut, most);
        List<Instant> last = missed.last();
        int left = missed.count() - last.size();
        Instant first = left > 0 ? next : null;
        if (!last.isEmpty()) {
            return new Turn(last.get(0), last.size() - 1, null, left, first);
        }
        Instant then = plan.next(cut);
        boolean due = then != null && !plan.at(then).isAfter(now);
        return new Turn(due ? then : null, 0, due ? null : then, left, first);
    }
}
