package io.penstock.bench.survival;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.admission.LoadLineConfig.Mode;
import io.penstock.runtime.Clock;
import io.penstock.worker.Worker;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * What the load line costs a worker of jobs that do nothing: pairs of runs, with it and without, in turns. The pace of one run
 * scatters by a sixth on two cores that Redis shares; the processor time of this process a job scatters less.
 */
public final class Pace {
    private static final int JOBS = 250_000;
    private static final int PAIRS = 11;
    private static final Clock CLOCK = Clock.system();
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Pace() {}

    private record Cost(double perSecond, double microsOfProcessor) {}

    /** Prints each pair and the middle of their quotients. */
    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "io/penstock/bench/logback.xml");
        List<Double> paces = new ArrayList<>();
        List<Double> costs = new ArrayList<>();
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            measure(redis.uri(), Mode.OFF);
            measure(redis.uri(), Mode.ENFORCE);
            for (int pair = 0; pair < PAIRS; pair++) {
                boolean first = pair % 2 == 0;
                Cost one = measure(redis.uri(), first ? Mode.OFF : Mode.ENFORCE);
                Cost other = measure(redis.uri(), first ? Mode.ENFORCE : Mode.OFF);
                Cost with = first ? other : one;
                Cost without = first ? one : other;
                paces.add(with.perSecond / without.perSecond);
                costs.add(with.microsOfProcessor / without.microsOfProcessor);
                System.out.printf(
                        Locale.ROOT,
                        "with %.0f jobs/s, %.2f us of processor each; without %.0f, %.2f%n",
                        with.perSecond,
                        with.microsOfProcessor,
                        without.perSecond,
                        without.microsOfProcessor);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "median of %d pairs, with / without: pace %.3f, processor time %.3f%n",
                PAIRS,
                median(paces),
                median(costs));
        Runtime.getRuntime().halt(0); // whatever still runs has been measured
    }

    private static double median(List<Double> values) {
        values.sort(null);
        return values.get(values.size() / 2);
    }

    private static Cost measure(String uri, Mode mode) {
        PenstockConfig config = PenstockConfig.of(uri).loadLine(LoadLineConfig.DEFAULT.mode(mode));
        try (Penstock penstock = Penstock.connect(config)) {
            JobType<Integer> type = JobType.of("nothing", Integer.class).queue("pace-" + mode);
            penstock.handle(type, (n, context) -> {});
            penstock.enqueueAll(type, IntStream.range(0, JOBS).boxed());
            long start = CLOCK.nanos();
            long before = PROCESS.getProcessCpuTime();
            Worker worker = penstock.start();
            while (worker.stats().completed() < JOBS) {
                LockSupport.parkNanos(500_000);
            }
            double micros = (PROCESS.getProcessCpuTime() - before) / 1e3 / JOBS;
            return new Cost(JOBS * 1e9 / (CLOCK.nanos() - start), micros);
        }
    }
}
