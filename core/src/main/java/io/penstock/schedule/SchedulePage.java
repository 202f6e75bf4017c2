package io.penstock.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some schedules, by id.
 *
 * @param next where the next page begins, null if this was the last
 */
public record SchedulePage(
        List<ScheduleView> schedules, @Nullable String next) {
    public SchedulePage {
        schedules = List.copyOf(schedules);
    }
}
