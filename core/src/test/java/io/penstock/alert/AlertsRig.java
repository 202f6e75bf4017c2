package io.penstock.alert;

import io.penstock.notice.Notice;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One process's worth of alerts: its own connection, timer and readings. */
final class AlertsRig implements AutoCloseable {
    final Gauges gauges;
    final List<Notice> told = new CopyOnWriteArrayList<>();
    final Redis redis;
    final Alerts alerts;
    volatile boolean refuse;
    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);

    AlertsRig(String uri, String name, Gauges gauges, Duration period) {
        this.gauges = gauges;
        this.redis = Redis.connect(new RedisConfig(uri, Duration.ofSeconds(2)), Clock.system(), timer);
        this.alerts = new Alerts(redis, timer, gauges, name, this::tell, period);
        alerts.start();
    }

    private void tell(Notice notice) {
        if (refuse) {
            throw new IllegalStateException("full");
        }
        told.add(notice);
    }

    List<String> told(String metric) {
        return told.stream()
                .filter(one -> one.metric().equals(metric))
                .map(Notice::state)
                .toList();
    }

    boolean leads() {
        List<Object> lease = command("GET", "pk:alert:{all}:lease");
        return lease.get(0) != null && Redis.text(lease.get(0)).startsWith(alerts.process() + ":");
    }

    List<Object> command(String name, String key, String... args) {
        Call call = new Call(128).key(Redis.utf8(key));
        for (String arg : args) {
            call.arg(arg);
        }
        return redis.await(redis.command(name, call));
    }

    /** Stops as a process that is killed: nothing is released or written. */
    void die() {
        timer.close();
    }

    @Override
    public void close() {
        alerts.close();
        redis.close();
        timer.close();
        threads.close();
    }
}
