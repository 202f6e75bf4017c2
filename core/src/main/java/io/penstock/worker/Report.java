package io.penstock.worker;

import io.penstock.job.Payload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a worker tells operators about itself with each renewal: a small JSON object. */
final class Report {
    /** Running jobs listed: about 100 bytes each, so a report stays under 16 KiB. */
    static final int MOST_JOBS = 100;

    private Report() {}

    static byte[] of(WorkerConfig config, Runners runners) {
        List<Map<String, Object>> jobs = new ArrayList<>();
        int running = 0;
        for (Slot slot : runners.slots()) {
            Run run = slot.running();
            if (run != null && running++ < MOST_JOBS) {
                jobs.add(Map.of(
                        "id", run.job.id().toString(),
                        "type", run.job.type(),
                        "startedAtMillis", run.startedAtMillis));
            }
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("worker", config.name());
        report.put("pid", ProcessHandle.current().pid());
        report.put("concurrency", runners.concurrency());
        report.put("running", running);
        report.put("ready", runners.ready());
        report.put("abandoned", runners.abandoned());
        report.put("jobs", jobs);
        return Payload.encode(report);
    }
}
