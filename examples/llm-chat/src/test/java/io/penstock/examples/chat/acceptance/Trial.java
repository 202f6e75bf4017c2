package io.penstock.examples.chat.acceptance;

import io.penstock.examples.chat.acceptance.Chats.Outcome;
import io.penstock.examples.chat.acceptance.Watch.Look;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The report's loads on one subject: agents alone, chats alone, both at once. */
final class Trial {
    private static final Duration LOOK = Duration.ofMillis(250);

    /** Both subjects are JVMs; the report's process had run for hours. */
    private static final int WARM_REQUESTS = 3_000;

    private static final int WARM_CALLERS = 20;
    private static final int FEW = 5;

    private final Site site;
    private final Options options;

    Trial(Site site, Options options) {
        this.site = site;
        this.options = options;
    }

    Measured of(String name) throws IOException, InterruptedException {
        try (Subject subject = site.start(name);
                Watch watch = new Watch(subject, site.redis.uri(), LOOK)) {
            URI agents = subject.url.resolve("/api/agents");
            say(name, "warms up");
            Flood.own(agents, WARM_REQUESTS, WARM_CALLERS);
            chats(subject, WARM_CALLERS, Duration.ZERO);
            say(name, "agents, " + options.requests + " requests of " + options.callers + " callers");
            Flood alone = Flood.run(agents, options.requests, options.callers);
            say(name, options.callers + " callers chat for " + options.seconds + " s");
            Outcome chats = chats(subject, options.callers, Duration.ofSeconds(options.seconds));
            say(name, "both at once");
            Flood beside = beside(subject, agents);
            return measured(subject, watch, alone, beside, chats);
        }
    }

    private Outcome chats(Subject subject, int callers, Duration time) throws InterruptedException {
        return new Chats(subject.url, Site.dialect(subject.name)).run(callers, time);
    }

    private Flood beside(Subject subject, URI agents) throws IOException, InterruptedException {
        AtomicReference<Flood> flood = new AtomicReference<>();
        Crowd.run("both", 2, number -> {
            if (number == 0) {
                chats(subject, options.callers, Duration.ofSeconds(1));
            } else {
                flood.set(Flood.run(agents, options.requests, options.callers));
            }
        });
        if (flood.get() == null) {
            throw new IOException("the flood beside the chats failed");
        }
        return flood.get();
    }

    /** Chats alone with as few slots as the report's queue had. */
    Outcome few() throws IOException, InterruptedException {
        try (Subject subject = site.start(Options.OURS, "--chat-workers", "" + FEW)) {
            chats(subject, FEW, Duration.ZERO);
            say(Options.OURS, FEW + " slots, " + 2 * FEW + " callers chat for " + options.seconds + " s");
            return chats(subject, 2 * FEW, Duration.ofSeconds(options.seconds));
        }
    }

    private Measured measured(Subject subject, Watch watch, Flood alone, Flood beside, Outcome chats)
            throws IOException, InterruptedException {
        List<Look> looks = watch.looks();
        GcLog collections = subject.collections();
        long[] left = collections.left();
        return new Measured(
                alone,
                beside,
                chats,
                left.length == 0 ? Double.NaN : left[left.length / 2] / (double) Site.HEAP_BYTES,
                left.length == 0 ? Double.NaN : left[left.length - 1] / (double) Site.HEAP_BYTES,
                alive(subject),
                ProcessFacts.of(subject.pid()).peakBytes(),
                looks.stream().mapToInt(Look::clients).max().orElse(0),
                Percentiles.of(looks.stream().map(Look::pingMillis).toList()).at(0.99),
                ProcessFacts.threadNames(subject.pid()).stream()
                        .filter(thread -> thread.startsWith(Site.timerThreads(subject.name)))
                        .count(),
                looks.stream().mapToInt(look -> look.facts().threads()).max().orElse(0),
                subject.secondsUp() / 3_600,
                collections.asked(),
                subject.name.equals(Options.REPLAY)
                        ? Inside.ofReplay(subject.get("/api/health"))
                        : Inside.ofOurs(subject, watch.waitingMost()));
    }

    private static double alive(Subject subject) throws IOException, InterruptedException {
        ProcessFacts.collect(subject.pid());
        List<GcLog.Collection> whole = subject.collections().whole().collections();
        return whole.isEmpty() ? Double.NaN : whole.get(whole.size() - 1).leftBytes() / (double) Site.HEAP_BYTES;
    }

    private static void say(String name, String what) {
        System.err.println(name + ": " + what);
    }
}
