package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code penstock worker run}: runs a program for each job.
 *
 * <p>Cost: a request that waits while nothing is there, one a quarter second while there is room beside what runs. The first
 * signal takes no more and waits for what runs, the second asks the programs to end.
 */
@Command(
        name = "run",
        description = {
            "Run a program for each job: stdin is the payload, stdout the result, exit code 0 = done.",
            "Another code is a failure with the end of stderr as its error. PENSTOCK_JOB_ID, _TYPE, _QUEUE and _ATTEMPT"
                    + " are in its environment. The first Ctrl-C waits for what runs."
        })
final class WorkerRunCommand implements Callable<Integer> {
    private static final int MOST = 64;
    private static final long LOOK_MILLIS = 50;
    private static final int IDLE_WAIT_MILLIS = 5_000;
    private static final int BUSY_WAIT_MILLIS = 200;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    @ParentCommand
    private @Nullable WorkerCommand noun;

    @Option(
            names = "--queues",
            required = true,
            split = ",",
            paramLabel = "Q",
            description = "Take jobs of these, in this order.")
    private List<String> queues = new ArrayList<>();

    @Option(names = "--concurrency", paramLabel = "N", description = "Programs at once (1, to 64).")
    private int concurrency = 1;

    @Option(names = "--name", paramLabel = "NAME", description = "As the worker is shown (cli-PID).")
    private String name = "cli-" + ProcessHandle.current().pid();

    @Option(names = "--lease", paramLabel = "TIME", description = "After this long of silence others take over (30s).")
    private Duration lease = Duration.ofSeconds(30);

    @Option(names = "--count", paramLabel = "N", description = "End after so many jobs.")
    private @Nullable Integer count;

    @Parameters(arity = "1..*", paramLabel = "PROGRAM", description = "Program and its arguments, best after --.")
    private List<String> command = new ArrayList<>();

    private final List<Errand> running = new ArrayList<>();
    private final AtomicInteger signals = new AtomicInteger();
    private int taken;
    private boolean quiet;
    private boolean dismissed;
    private long renewNanos;

    @Override
    public Integer call() throws InterruptedException, IOException {
        Main main = Parent.of(noun).main();
        if (concurrency < 1 || concurrency > MOST) {
            throw new Failure(Exit.USAGE, "--concurrency " + concurrency + " is outside 1 to " + MOST);
        }
        if (main.dryRun()) {
            main.output()
                    .would("run", List.of(String.join(" ", command) + " for jobs of " + String.join(", ", queues)));
            return Exit.OK;
        }
        for (String signal : new String[] {"TERM", "INT"}) {
            Signals.register(signal, signals::incrementAndGet);
        }
        Api api = main.api();
        try {
            while (!(stopping() && running.isEmpty())) {
                step(main, api);
            }
        } finally {
            for (Errand errand : running) {
                errand.close();
            }
        }
        return Exit.OK;
    }

    private boolean stopping() {
        return dismissed || signals.get() > 0 || (count != null && taken >= count);
    }

    private void step(Main main, Api api) throws InterruptedException, IOException {
        try {
            finish(main, api);
            renew(api);
            if (signals.get() > 1) {
                running.forEach(errand -> errand.ask("release"));
            }
            boolean took = !stopping() && !quiet && running.size() < concurrency && take(main, api);
            if (!took) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (Failure away) {
            if (away.code() != Exit.UNREACHABLE && away.code() != Exit.REFUSED) {
                throw away;
            }
            main.note("penstock: " + away.getMessage());
            TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        }
    }

    private boolean take(Main main, Api api) {
        ObjectNode wish = Api.object()
                .put("worker", name)
                .put("max", 1)
                .put("waitMillis", running.isEmpty() ? IDLE_WAIT_MILLIS : BUSY_WAIT_MILLIS)
                .put("leaseMillis", lease.toMillis());
        queues.forEach(wish.putArray("queues")::add);
        JsonNode lent = api.post("/api/v1/leases", wish);
        for (JsonNode job : lent.path("jobs")) {
            running.add(start(api, lent.path("token").asText(), job));
            taken++;
            main.note("took " + job.path("id").asText());
        }
        return !lent.path("jobs").isEmpty();
    }

    private Errand start(Api api, String token, JsonNode job) {
        try {
            return new Errand(token, job, command);
        } catch (IOException cannot) {
            api.post(
                    "/api/v1/leases/" + Api.quoted(token) + ":nack",
                    Api.object().put("outcome", "release"));
            throw new Failure(
                    Exit.FAILURE,
                    cannot.getMessage() + "; job " + job.path("id").asText() + " is handed back");
        }
    }

    private void finish(Main main, Api api) throws IOException {
        for (Iterator<Errand> each = running.iterator(); each.hasNext(); ) {
            Errand errand = each.next();
            if (errand.over()) {
                boolean well = errand.succeeded();
                try {
                    api.post(path(errand, well ? "ack" : "nack"), well ? errand.result() : errand.error());
                    main.note((well ? "done " : "failed ") + errand.id());
                } catch (Failure failure) {
                    if (failure.code() == Exit.UNREACHABLE) {
                        throw failure; // it is told when the server is back, or others run it after the lease
                    }
                    main.note(errand.id() + ": " + failure.getMessage());
                }
                each.remove();
                errand.close();
            }
        }
    }

    private static String path(Errand errand, String verb) {
        return "/api/v1/leases/" + Api.quoted(errand.token()) + ":" + verb;
    }

    /** Three times a lease; who was asked to cancel a job hears of it here. */
    private void renew(Api api) {
        long now = Clock.system().nanos();
        if (now - renewNanos < lease.toNanos() / 3) {
            return;
        }
        renewNanos = now;
        for (Errand errand : running) {
            try {
                JsonNode renewal = api.post(path(errand, "extend"), Api.object().put("leaseMillis", lease.toMillis()));
                quiet = renewal.path("quiet").asBoolean();
                dismissed |= renewal.path("stop").asBoolean();
                if (!renewal.path("cancelRequested").isEmpty()) {
                    errand.ask("cancel");
                }
            } catch (Failure lost) {
                if (lost.code() != Exit.CONFLICT) {
                    throw lost;
                }
                errand.ask("release"); // others have the job now
            }
        }
        quiet &= !running.isEmpty(); // without a job nobody tells when it may go on
    }
}
