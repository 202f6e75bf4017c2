package io.penstock.schedule;

/**
 * Something became of runs of a schedule.
 *
 * @param schedule its id
 */
public record ScheduleEvent(String schedule, ScheduleRun run) {}
