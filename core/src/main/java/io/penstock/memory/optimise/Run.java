package io.penstock.memory.optimise;

import io.penstock.memory.optimise.Collector.Floor;
import io.penstock.memory.optimise.Optimisation.Reading;
import io.penstock.memory.optimise.Optimisation.StepReport;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One optimisation from its first reading to its report, on one thread.
 *
 * <p>The order: a collection to measure from; the steps that free objects, the cheapest to lose first; the collector's knobs; a
 * collection to measure by; the steps that give memory back to the machine; the readings after it.
 */
final class Run {
    /** An older reading tells of other work: 30 s of a busy queue are a thousand jobs. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    /** A step that counts its payload and not the objects around it may be short by this. */
    private static final double MISCOUNT = 1.05;

    /** Percent points: a goal at the threshold itself would be followed by the next run. */
    private static final int BELOW_THRESHOLD = 5;

    private static final int MOST_ERROR = 300;

    /** What every run works with. */
    record Means(Gauge gauge, Collector collector, Isolation isolation, StepGains gains, Timer timer) {
        /** Returns memory as of now; the policy may lower what counts as the heap's maximum. */
        Reading reading(OptimiserPolicy policy) {
            long max = gauge.maxBytes();
            long most = policy.maxHeapBytes();
            return new Reading(
                    gauge.usedBytes(),
                    gauge.liveSetBytes(),
                    most > 0 && (max <= 0 || most < max) ? most : max,
                    gauge.rssBytes());
        }
    }

    private final String id;
    private final Request request;
    private final Strategy strategy;
    private final List<Step> steps;
    private final OptimiserPolicy policy;
    private final Means means;
    private final Clock clock;
    private final Instant startedAt;
    private final long beginNanos;

    private final List<StepReport> reports = new ArrayList<>();
    private long countedBytes;
    private boolean uncounted; // a step freed objects and does not know how many bytes
    private boolean collected; // the collection to measure from was asked for
    private String unmeasured = ""; // why, if so

    Run(String id, Request request, Strategy strategy, List<Step> steps, OptimiserPolicy policy, Means means) {
        this.id = id;
        this.request = request;
        this.strategy = strategy;
        this.steps = steps.stream()
                .filter(step -> strategy.share(step.kind()) > 0 && step.appliesTo(strategy.name()))
                .sorted(Comparator.comparing(Step::kind))
                .toList();
        this.policy = policy;
        this.means = means;
        this.clock = means.timer().clock();
        this.beginNanos = clock.nanos();
        this.startedAt = Instant.ofEpochMilli(clock.millis());
    }

    /** @throws InterruptedException if the optimiser closes */
    Optimisation perform() throws InterruptedException {
        Reading first = means.reading(policy);
        Floor base = baseline(first);
        for (Step step : steps) {
            if (step.kind() != Step.Kind.RETURN) {
                perform(step);
            }
        }
        Floor check = base == null ? null : check(base, first.maxBytes());
        for (Step step : steps) {
            if (step.kind() == Step.Kind.RETURN) {
                perform(step);
            }
        }
        Reading last = means.reading(policy);
        Optimisation report = report(with(first, base), with(last, check), freed(base, check), check != null);
        learn(report);
        return report;
    }

    // --- steps
    // --------------------------------------------------------------------------------------------------------

    private void perform(Step step) throws InterruptedException {
        Duration left = policy.runDeadline().minusNanos(clock.nanos() - beginNanos);
        if (left.isNegative() || left.isZero()) {
            skipped(step, "not begun: the run's " + Texts.span(policy.runDeadline()) + " were over");
            return;
        }
        if (!request.force() && means.gains().leavesOut(step.name())) {
            skipped(step, "left out: it gave nothing the last " + StepGains.FRUITLESS + " times; force runs it");
            return;
        }
        Duration deadline = policy.stepDeadline().compareTo(left) < 0 ? policy.stepDeadline() : left;
        double share = Math.min(1, strategy.share(step.kind()));
        long begin = clock.nanos();
        long freed = Step.UNKNOWN;
        String error = "";
        try {
            freed = means.isolation().call(step.name(), deadline, () -> step.run(share));
        } catch (InterruptedException closing) {
            throw closing;
        } catch (Exception failed) {
            error = describe(failed);
        }
        if (freed >= 0) {
            countedBytes += freed;
        } else if (step.kind().freesObjects()) {
            uncounted = true; // also when it failed: half of its work may be done
        }
        long millis = (clock.nanos() - begin) / 1_000_000;
        reports.add(new StepReport(step.name(), Math.max(Step.UNKNOWN, freed), millis, error.isEmpty(), error));
    }

    private void skipped(Step step, String why) {
        reports.add(new StepReport(step.name(), 0, 0, false, why));
    }

    private static String describe(Throwable failed) {
        Throwable cause =
                failed instanceof ExecutionException && failed.getCause() != null ? failed.getCause() : failed;
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        return Texts.cut(message == null ? name : name + ": " + message, MOST_ERROR);
    }

    // --- measuring
    // ----------------------------------------------------------------------------------------------------

    private @Nullable Floor baseline(Reading now) throws InterruptedException {
        if (steps.stream().noneMatch(step -> step.kind().freesObjects())) {
            unmeasured = "no step of this strategy frees objects";
            return null;
        }
        Floor known = means.collector().latest();
        if (known != null && clock.nanos() - known.atNanos() <= FRESH.toNanos()) {
            return known;
        }
        if (!strategy.collects()) {
            unmeasured = "the whole heap was not collected in the last " + Texts.span(FRESH)
                    + ", and this strategy asks for" + " no collection";
            return null;
        }
        long garbage = now.usedBytes() - Math.max(0, now.liveSetBytes());
        long live = now.liveSetBytes() < 0 ? now.usedBytes() : now.liveSetBytes();
        unmeasured = means.collector().refusal(garbage + estimate(), live, now.maxBytes());
        if (!unmeasured.isEmpty()) {
            return null;
        }
        collected = true;
        return collect(live);
    }

    /** What the steps expect to free; asked in isolation like the steps themselves. */
    private long estimate() throws InterruptedException {
        try {
            return means.isolation().call("estimates", policy.stepDeadline(), () -> {
                double sum = 0;
                for (Step step : steps) {
                    sum += Math.max(0, step.estimate()) * Math.min(1, strategy.share(step.kind()));
                }
                return (long) sum;
            });
        } catch (InterruptedException closing) {
            throw closing;
        } catch (Exception unknown) {
            return 0;
        }
    }

    private @Nullable Floor check(Floor base, long maxBytes) throws InterruptedException {
        if (countedBytes == 0 && !uncounted) {
            unmeasured = "no step let go of anything";
            return null;
        }
        // the pause grows with what is left; a step that boasts makes it twice as long as predicted at most
        long left = Math.max(base.bytes() / 2, base.bytes() - countedBytes);
        if (collected) {
            return collect(left);
        }
        String refusal = "this strategy asks for no collection";
        if (strategy.collects()) {
            long garbage = Math.max(0, means.gauge().usedBytes() - base.bytes());
            refusal = means.collector().refusal(garbage + countedBytes, left, maxBytes);
            if (refusal.isEmpty()) {
                return collect(left);
            }
        }
        return awaitNatural(refusal);
    }

    private @Nullable Floor collect(long liveBytes) throws InterruptedException {
        try {
            Duration bound = policy.stepDeadline().plus(policy.checkWithin());
            return means.isolation()
                    .call("collection", bound, () -> means.collector().collect(liveBytes));
        } catch (InterruptedException closing) {
            throw closing;
        } catch (Exception failed) {
            unmeasured = describe(failed);
            return null;
        }
    }

    private @Nullable Floor awaitNatural(String refusal) throws InterruptedException {
        CompletableFuture<Floor> next = means.collector().next();
        Task limit = means.timer().after("optimise-deadline", policy.checkWithin(), () -> next.cancel(false));
        try {
            return next.get();
        } catch (CancellationException | ExecutionException none) {
            unmeasured = refusal + "; and none came by itself within " + Texts.span(policy.checkWithin());
            return null;
        } finally {
            next.cancel(false);
            limit.close();
        }
    }

    /** What was measured, as far as the steps account for it: jobs end meanwhile, and that is not the run's merit. */
    private long freed(@Nullable Floor base, @Nullable Floor check) {
        if (base == null || check == null) {
            return 0;
        }
        long fell = Math.max(0, base.bytes() - check.bytes());
        boolean exact = base.exact() && check.exact();
        return exact && uncounted ? fell : Math.min(fell, (long) (countedBytes * (exact ? MISCOUNT : 1)));
    }

    private static Reading with(Reading reading, @Nullable Floor floor) {
        return floor == null
                ? reading
                : new Reading(reading.usedBytes(), floor.bytes(), reading.maxBytes(), reading.rssBytes());
    }

    // --- report
    // -------------------------------------------------------------------------------------------------------

    private Optimisation report(Reading before, Reading after, long freed, boolean measured) {
        long returned =
                before.rssBytes() < 0 || after.rssBytes() < 0 ? 0 : Math.max(0, before.rssBytes() - after.rssBytes());
        double share = Math.min(strategy.goalShare(), (policy.threshold() - BELOW_THRESHOLD) / 100.0);
        long goal = (long) (share * before.maxBytes());
        boolean above = before.liveSetBytes() > goal;
        long gain = Math.max(freed, returned);
        boolean success = above
                ? measured && after.liveSetBytes() <= goal
                : gain >= Math.max(1, Restraint.USEFUL_SHARE * before.maxBytes());
        String goalText = above
                ? "a live set of at most " + Texts.bytes(goal)
                : "to free or return at least " + Texts.bytes((long) (Restraint.USEFUL_SHARE * before.maxBytes()));
        boolean told = measured || (countedBytes == 0 && !uncounted); // what let go of nothing freed nothing
        String goalMet = success ? "was met." : told ? "was not met." : "may be met or not: that was not measured.";
        String outcome = effect(before, after, freed, measured) + " " + Texts.bytes(returned)
                + " went back to the machine. The goal, " + goalText + ", " + goalMet;
        long millis = (clock.nanos() - beginNanos) / 1_000_000;
        return new Optimisation(
                id,
                strategy.name(),
                request.trigger(),
                request.reason(),
                startedAt,
                millis,
                before,
                after,
                freed,
                measured,
                returned,
                success,
                reports,
                outcome);
    }

    private String effect(Reading before, Reading after, long freed, boolean measured) {
        if (!measured) {
            return "What became free was not measured: " + unmeasured + ". The steps counted "
                    + (uncounted ? "at least " : "") + Texts.bytes(countedBytes) + ".";
        }
        long grown = after.liveSetBytes() - before.liveSetBytes();
        if (grown > 0) {
            return "The live set grew by " + Texts.bytes(grown) + " meanwhile: nothing was freed.";
        }
        String text = "The live set fell by " + Texts.bytes(-grown);
        return -grown > freed
                ? text + "; the steps account for " + Texts.bytes(freed) + " of that, the rest ended by itself."
                : text + ".";
    }

    /** A step is judged by its own count; one that cannot count, by what the run gave. */
    private void learn(Optimisation report) {
        for (Step step : steps) {
            for (StepReport one : reports) {
                if (!one.name().equals(step.name()) || !one.ok()) {
                    continue;
                }
                if (one.freedBytes() >= 0) {
                    means.gains().gave(step.name(), one.freedBytes());
                } else if (!step.kind().freesObjects()) {
                    means.gains().gave(step.name(), report.rssReturnedBytes());
                } else if (report.measured()) {
                    means.gains().gave(step.name(), report.freedBytes());
                }
            }
        }
    }
}
