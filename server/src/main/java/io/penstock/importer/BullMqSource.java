package io.penstock.importer;

import java.util.ArrayList;
import java.util.List;

/**
 * BullMQ 4 to 6. A job with a priority stands in a sorted set of its own, behind all without one; so it becomes one of low
 * priority unless told otherwise.
 */
final class BullMqSource extends BullJobs {
    /** Schedules that are shown for each queue. */
    private static final long SHOWN = 20;

    BullMqSource(Remote remote, String prefix, Levels levels) {
        super(remote, prefix, levels, "low");
    }

    @Override
    public List<Place> places(List<String> queues) {
        List<Place> places = new ArrayList<>();
        for (String queue : queues) {
            places.add(Place.list(key(queue, "wait"), queue));
            places.add(Place.list(key(queue, "paused"), queue));
            places.add(Place.sorted(key(queue, "prioritized"), queue, "waiting"));
            places.add(Place.sorted(key(queue, "delayed"), queue, "delayed"));
            places.add(Place.sorted(key(queue, "failed"), queue, "failed"));
        }
        return places;
    }

    @Override
    public void survey(List<String> queues, Report report) {
        for (String queue : queues) {
            survey(queue, report);
            long parents = remote.count("ZCARD", key(queue, "waiting-children"));
            report.stays("parents of flows, which wait for their children", parents, List.of(queue + ": " + parents));
            String key = key(queue, "repeat");
            List<String> shown = new ArrayList<>();
            for (String each : remote.texts("ZRANGE", key, 0, SHOWN - 1)) {
                shown.add(queue + " " + described(queue, each));
            }
            report.stays("job schedulers and repeatable jobs: make schedules", remote.count("ZCARD", key), shown);
        }
    }

    private String described(String queue, String scheduler) {
        List<String> told = remote.texts("HMGET", key(queue, "repeat:" + scheduler), "name", "pattern", "tz", "every");
        String cron = told.get(1).isEmpty() ? "" : " cron " + told.get(1) + " " + told.get(2);
        String every = told.get(3).isEmpty() ? "" : " every " + told.get(3) + " ms";
        return scheduler + (told.get(0).isEmpty() ? "" : " (" + told.get(0) + ")") + cron + every;
    }
}
