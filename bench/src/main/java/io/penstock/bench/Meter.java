package io.penstock.bench;

import io.penstock.runtime.Clock;

/** What one stretch of work cost: time, the server's processor and ours. */
final class Meter {
    private final Site site;
    private final Results results;
    private final Clock clock = Clock.system();
    private double redis;
    private double client;
    private long nanos;

    Meter(Site site, Results results) {
        this.site = site;
        this.results = results;
    }

    /** The three lines of one measurement. */
    record Lines(Line rate, Line redis, Line client) {}

    void start() {
        redis = site.cpuMicros();
        client = Facts.cpuMicros();
        nanos = clock.nanos();
    }

    void stop(Lines lines, long jobs) {
        double seconds = (clock.nanos() - nanos) / 1e9;
        results.add(lines.rate, site.column, jobs / seconds);
        results.add(lines.client, site.column, (Facts.cpuMicros() - client) / jobs);
        results.add(lines.redis, site.column, (site.cpuMicros() - redis) / jobs);
    }
}
