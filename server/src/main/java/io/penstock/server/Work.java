package io.penstock.server;

import io.penstock.Penstock;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.runtime.Service;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.delivery.HttpDelivery;
import io.penstock.server.demo.Demo;
import io.penstock.server.demo.DemoLoad;
import io.penstock.server.engine.Engine;
import io.penstock.server.plugin.Plugins;
import io.penstock.server.plugin.Registry;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.worker.Handler;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process does itself: its handlers, and the workers that run them.
 *
 * <p>With named queues there is one worker for all of them. Without names a queue is served, by a worker of its own, as
 * soon as a job comes that this process has a handler for; a queue whose jobs are all for others is left alone, because
 * taking a job of an unknown type only delays it.
 *
 * <p>Bound: {@value #MOST_FOUND} queues found at a time; one more takes the place of one that has nothing to do. Threads: those of the workers, and one that looks for queues.
 */
final class Work extends Service implements Registry {
    private static final Logger LOG = LoggerFactory.getLogger(Work.class);

    /** Queues that are served without being named. */
    static final int MOST_FOUND = 32;

    /** How often jobs that came by other ways than this server's REST are looked for. */
    private static final int LOOK_SECONDS = 2;

    /** Waiting jobs looked at in each queue. */
    private static final int SAMPLE = 20;

    private final Engine engine;
    private final Settings settings;
    private final Penstock penstock;
    private final Set<String> types = new ConcurrentSkipListSet<>();
    private final Set<String> served = new ConcurrentSkipListSet<>();
    private final Map<String, Worker> found = new LinkedHashMap<>(); // the scout's
    private final BlockingQueue<String> wanted = new LinkedBlockingQueue<>(1_000);
    private @Nullable Plugins plugins;
    private @Nullable DemoLoad load;
    private @Nullable Thread scout;
    private volatile boolean stopping;
    private boolean blind; // the scout's

    /** Prepares the work that the settings ask for. */
    Work(Penstock penstock, Engine engine, Settings settings) {
        this.penstock = penstock;
        this.engine = engine;
        this.settings = settings;
    }

    @Override
    protected void onStart() {
        if (settings.flag(Setting.DEMO)) {
            Demo.register(this);
        }
        List<String> allowed = settings.list(Setting.HTTP_ALLOW);
        if (!allowed.isEmpty()) {
            handle(
                    HttpDelivery.TYPE,
                    new HttpDelivery(new AllowList(allowed), settings.text(Setting.HTTP_SECRET), engine.clock()));
        }
        if (!settings.text(Setting.PLUGINS).isEmpty()) {
            plugins = Plugins.load(settings.path(Setting.PLUGINS), this);
        }
        if (types.isEmpty()) {
            LOG.info("no handlers: this process runs no jobs itself, it serves those who do");
            return;
        }
        List<String> named = settings.list(Setting.QUEUES);
        if (named.isEmpty()) {
            scout = engine.threads().start("scout", this::scout);
        } else {
            serve(named);
        }
        if (settings.flag(Setting.DEMO)) {
            engine.tend(DemoLoad.QUEUE);
            load = new DemoLoad(engine.timer(), spec -> {
                engine.enqueueAtOnce(spec);
                came(spec.queue(), spec.type());
            });
        }
    }

    @Override
    public <P> void handle(JobType<P> type, Handler<? super P> handler) {
        penstock.handle(type, handler);
        types.add(type.name());
        types.addAll(type.aliases());
    }

    private Worker serve(List<String> queues) {
        WorkerConfig config = WorkerConfig.named(name())
                .concurrency(settings.number(Setting.CONCURRENCY))
                .leaseLength(settings.duration(Setting.LEASE))
                .shutdownTimeout(settings.duration(Setting.SHUTDOWN_TIMEOUT));
        Worker worker = penstock.work(config, queues);
        served.addAll(queues);
        LOG.info("worker={} serves queues={} concurrency={}", config.name(), queues, config.concurrency());
        return worker;
    }

    private static String name() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            host = "localhost";
        }
        return (host.length() > 64 ? host.substring(0, 64) : host) + "-"
                + ProcessHandle.current().pid();
    }

    /** Tells that a job of this type came to this queue; quick, from any thread. */
    void came(String queue, String type) {
        if (scout != null && !served.contains(queue) && types.contains(type)) {
            wanted.offer(queue); // when that is full the next look finds it
        }
    }

    private void scout() {
        while (!stopping) {
            try {
                String queue = wanted.poll(LOOK_SECONDS, TimeUnit.SECONDS);
                if (queue == null) {
                    look();
                    blind = false;
                } else {
                    found(queue);
                }
            } catch (InterruptedException ends) {
                return;
            } catch (RuntimeException away) {
                outage(away);
            }
        }
    }

    /** Told once: the next look is in two seconds. */
    private void outage(RuntimeException away) {
        if (!stopping && !blind) {
            LOG.warn("queues cannot be looked at, new ones are not served until that passes: {}", away.toString());
        }
        blind = true;
    }

    private void look() {
        if (!room()) {
            return;
        }
        for (String queue : engine.queues()) {
            if (!served.contains(queue)
                    && engine.list(queue, JobState.WAITING, null, SAMPLE).jobs().stream()
                            .anyMatch(job -> types.contains(job.type()))) {
                found(queue);
            }
        }
    }

    private void found(String queue) {
        if (!served.contains(queue) && room()) {
            found.put(queue, serve(List.of(queue)));
        }
    }

    /** Tells whether one more queue can be served; the one that was found first of those with nothing to do is left for it. */
    private boolean room() {
        if (found.values().stream().anyMatch(Worker::dismissed)) {
            return false; // this process was asked to work no more
        }
        if (found.size() < MOST_FOUND) {
            return true;
        }
        for (Map.Entry<String, Worker> each : found.entrySet()) {
            String queue = each.getKey();
            if (engine.exists(queue) && engine.queue(queue).stats().counts().pending() > 0) {
                continue;
            }
            served.remove(queue); // before its worker ends, so that a job that comes meanwhile is told to the scout
            found.remove(queue);
            each.getValue().close();
            return true;
        }
        return false;
    }

    @Override
    protected void onStop() {
        stopping = true;
        if (load != null) {
            load.close();
        }
        if (scout != null) {
            scout.interrupt();
        }
        engine.threads().sideBySide("stop", penstock.workers(), Worker::close); // each close has its own deadline
        if (plugins != null) {
            plugins.close();
        }
    }

    Set<String> types() {
        return types;
    }

    Set<String> queues() {
        return served;
    }
}
