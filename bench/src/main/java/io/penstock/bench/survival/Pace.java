package io.penstock.bench.survival;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.admission.LoadLineConfig.Mode;
import io.penstock.runtime.Clock;
import io.penstock.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** What the load line costs a worker of jobs that do nothing: pairs of runs, with it and without, in turns. */
public final class Pace {
    private static final int JOBS = 150_000;
    private static final int PAIRS = 7;
    private static final Clock CLOCK = Clock.system();

    private Pace() {}

    /** Prints each pair and the middle of their quotients. */
    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        List<Double> quotients = new ArrayList<>();
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            perSecond(redis.uri(), Mode.OFF);
            perSecond(redis.uri(), Mode.ENFORCE);
            for (int pair = 0; pair < PAIRS; pair++) {
                boolean first = pair % 2 == 0;
                double one = perSecond(redis.uri(), first ? Mode.OFF : Mode.ENFORCE);
                double other = perSecond(redis.uri(), first ? Mode.ENFORCE : Mode.OFF);
                double quotient = first ? other / one : one / other;
                quotients.add(quotient);
                System.out.printf(Locale.ROOT, "%.0f %.0f jobs/s, with / without %.3f%n", one, other, quotient);
            }
        }
        quotients.sort(null);
        System.out.printf(Locale.ROOT, "median of %d pairs: %.3f%n", PAIRS, quotients.get(PAIRS / 2));
        Runtime.getRuntime().halt(0); // whatever still runs has been measured
    }

    private static double perSecond(String uri, Mode mode) {
        PenstockConfig config = PenstockConfig.of(uri).loadLine(LoadLineConfig.DEFAULT.mode(mode));
        try (Penstock penstock = Penstock.connect(config)) {
            JobType<Integer> type = JobType.of("nothing", Integer.class).queue("pace-" + mode);
            penstock.handle(type, (n, context) -> {});
            penstock.enqueueAll(type, IntStream.range(0, JOBS).boxed());
            long start = CLOCK.nanos();
            Worker worker = penstock.start();
            while (worker.stats().completed() < JOBS) {
                LockSupport.parkNanos(500_000);
            }
            return JOBS * 1e9 / (CLOCK.nanos() - start);
        }
    }
}
