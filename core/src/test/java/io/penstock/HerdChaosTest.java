package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.testing.FaultProxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many things at the same instant: due jobs, and clients that come back. */
class HerdChaosTest {
    private static final int DUE = 50_000;
    private static final int CLIENTS = 50;

    @Test
    void jobsDueAtTheSameInstantComeForwardInBoundedSlicesAndNotEarly() {
        JobType<Integer> type = JobType.of("due", Integer.class).queue("due");
        AtomicInteger early = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .persistence(false)
                        .setting("slowlog-log-slower-than", "50000")
                        .start();
                Penstock penstock = Penstock.connect(server.uri())) {
            Instant due = Instant.now().plusSeconds(4);
            penstock.handle(type, (n, context) -> {
                ran.incrementAndGet();
                early.addAndGet(Instant.now().isBefore(due) ? 1 : 0);
            });
            Queue queue = penstock.serve("due");
            var summary = queue.enqueueAll(IntStream.range(0, DUE).mapToObj(n -> type.spec(n, o -> o.at(due))));
            assertThat(summary.accepted()).isEqualTo(DUE);
            long delayed = queue.counts().delayed();
            long leavesBefore = calls(penstock.redis(), "zrem");
            penstock.start();
            long began = System.nanoTime();
            await().until(() -> ran.get() == DUE);
            long leaves = calls(penstock.redis(), "zrem") - leavesBefore;
            Redis redis = penstock.redis();
            long slow = (Long) redis.await(redis.command("SLOWLOG", new Call(16).arg("LEN")))
                    .get(0);
            System.out.printf(
                    "chaos herd-due jobs=%d delayedBefore=%d leaves=%d slowCommands=%d millis=%d early=%d%n",
                    DUE, delayed, leaves, slow, (System.nanoTime() - began) / 1_000_000, early.get());
            assertThat(leaves).isGreaterThanOrEqualTo(delayed / QueueStore.MAX_BATCH);
            assertThat(early).hasValue(0);
            assertThat(queue.stats().completedTotal()).isEqualTo(DUE);
        }
    }

    private static long calls(Redis redis, String command) {
        String info = Redis.text(redis.await(redis.command("INFO", new Call(32).arg("commandstats")))
                .get(0));
        return info.lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    @Test
    void clientsComeBackAfterARestartWithoutAStorm() throws Exception {
        JobType<Integer> type = JobType.of("herd", Integer.class).queue("herd");
        List<Penstock> clients = new ArrayList<>();
        try (EmbeddedRedis server = EmbeddedRedis.builder().unixSocket(false).start();
                FaultProxy proxy = new FaultProxy(server.uri())) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Penstock.connect(proxy.uri()));
            }
            int before = proxy.accepted();
            proxy.cut();
            server.kill();
            server.restart();
            long began = System.nanoTime();
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true); // an outage of some length
            int whileDown = proxy.accepted() - before;
            proxy.pass();
            await().until(() ->
                    clients.stream().allMatch(client -> client.redis().connected()));
            long millis = (System.nanoTime() - began) / 1_000_000;
            clients.forEach(client -> client.enqueue(type, 1));
            int all = proxy.accepted() - before;
            long connections = Long.parseLong(Redis.text(clients.get(0)
                            .redis()
                            .await(clients.get(0).redis().command("INFO", new Call(16).arg("clients")))
                            .get(0))
                    .replaceAll("(?s).*connected_clients:(\\d+).*", "$1"));
            System.out.printf(
                    "chaos herd-reconnect clients=%d connectsWhileDown=%d connectsInAll=%d millis=%d connectionsAfter=%d%n",
                    CLIENTS, whileDown, all, millis, connections);
            assertThat(all).isLessThanOrEqualTo(CLIENTS * 12);
            assertThat(connections).isLessThanOrEqualTo(CLIENTS + 1L);
            assertThat(clients.get(0).queue("herd").counts().waiting()).isEqualTo(CLIENTS);
        } finally {
            clients.forEach(Penstock::close);
        }
    }
}
