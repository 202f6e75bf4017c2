package io.penstock.importer;

import java.util.ArrayList;
import java.util.List;

/** Bull 3 and 4. A job with a priority stands before all without one, in one list. */
final class BullSource extends BullJobs {
    /** Repeatable jobs that are shown for each queue. */
    private static final long SHOWN = 20;

    BullSource(Remote remote, String prefix, Levels levels) {
        super(remote, prefix, levels, "high");
    }

    @Override
    public List<Place> places(List<String> queues) {
        List<Place> places = new ArrayList<>();
        for (String queue : queues) {
            if (ofBullMq(queue)) {
                throw new IllegalArgumentException("queue \"" + queue
                        + "\" is BullMQ's, not Bull's; nothing of it was read; use: penstock import bullmq");
            }
            places.add(Place.list(key(queue, "wait"), queue));
            places.add(Place.list(key(queue, "paused"), queue));
            places.add(Place.sorted(key(queue, "delayed"), queue, "delayed"));
            places.add(Place.sorted(key(queue, "failed"), queue, "failed"));
        }
        return places;
    }

    @Override
    public void survey(List<String> queues, Report report) {
        for (String queue : queues) {
            survey(queue, report);
            String key = key(queue, "repeat");
            List<String> shown = remote.texts("ZRANGE", key, 0, SHOWN - 1).stream()
                    .map(each -> queue + " " + each)
                    .toList();
            report.stays(
                    "repeatable jobs (name:id:end:zone:cron or millis): make schedules",
                    remote.count("ZCARD", key),
                    shown);
        }
    }
}
