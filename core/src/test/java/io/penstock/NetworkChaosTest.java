package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobType;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueSettings;
import io.penstock.redis.Call;
import io.penstock.redis.RedisConfig;
import io.penstock.testing.FaultProxy;
import io.penstock.testing.Ledger;
import io.penstock.worker.WorkerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The network between us and Redis loses replies, cuts, swallows, delays and slices; Redis itself is well. */
class NetworkChaosTest {
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private record Numbered(int n) {}

    private static final JobType<Numbered> TYPE =
            JobType.of("numbered", Numbered.class).queue("net");

    private final Ledger ledger = new Ledger();
    private EmbeddedRedis server;
    private FaultProxy proxy;
    private Penstock penstock;
    private Penstock observer;
    private Queue queue;

    @BeforeEach
    void open() throws IOException {
        server = EmbeddedRedis.builder().unixSocket(false).persistence(false).start();
        proxy = new FaultProxy(server.uri());
        observer = Penstock.connect(server.uri());
        queue = ChaosQueues.keepingAll(observer, "net");
        penstock = connect(RedisConfig.DEFAULT_TIMEOUT);
    }

    private Penstock connect(Duration deadline) {
        Penstock made = Penstock.connect(PenstockConfig.of(proxy.uri())
                .redis(new RedisConfig(proxy.uri(), deadline))
                .worker(WorkerConfig.named("net").concurrency(4).leaseLength(Duration.ofSeconds(10))));
        return made.handle(TYPE, (job, context) -> ledger.ran(job.n(), context.deliveries(), false));
    }

    private void hurry() {
        penstock.close();
        penstock = connect(DEADLINE);
    }

    @AfterEach
    void close() {
        penstock.close();
        observer.close();
        proxy.close();
        server.close();
    }

    private Enqueued add(int n) {
        ledger.attempted(n);
        Enqueued answer = penstock.enqueue(TYPE, new Numbered(n));
        ledger.answered(n, answer);
        return answer;
    }

    private Ledger.Balance balance(String what) {
        await().pollInterval(Duration.ofMillis(10)).until(() -> queue.counts().pending() == 0);
        ledger.ended(queue);
        Ledger.Balance balance = ledger.balance();
        System.out.printf("chaos network %s connects=%d: %s%n", what, proxy.accepted(), balance);
        assertThat(balance.holds()).as("%s", balance).isTrue();
        assertThat(queue.stats().completedTotal()).isEqualTo(balance.ok() + balance.recovered());
        return balance;
    }

    private static String hash(String script) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        // The functions that some scripts share are put in front of them.
        List<String> parts = switch (script) {
            case "add.lua", "finish.lua" -> List.of("delayed.lua", script);
            case "take.lua" -> List.of("pass.lua", script);
            default -> List.of(script);
        };
        for (String part : parts) {
            try (InputStream in = Queue.class.getResourceAsStream(part)) {
                digest.update(in.readAllBytes());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"add.lua", "take.lua", "finish.lua"})
    void aLostReplyNeitherLosesNorDoublesAJob(String script) throws Exception {
        add(0);
        penstock.start();
        await().until(() -> queue.counts().completed() == 1);
        int n = 1;
        for (int round = 0; round < 8; round++) {
            proxy.loseReplies(hash(script), 1);
            for (int i = 0; i < 20; i++) {
                assertThat(add(n++)).isInstanceOf(Enqueued.Accepted.class);
            }
            await().pollInterval(Duration.ofMillis(5)).until(() -> proxy.repliesToLose() == 0);
        }

        Ledger.Balance balance = balance("lost-reply=" + script);

        assertThat(balance.ok()).isEqualTo(n);
        assertThat(balance.reruns()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reserve.lua", "join.lua"})
    void aLostReplyWhileAWorkerOrAProducerBeginsIsMadeUpFor(String script) throws Exception {
        proxy.loseReplies(hash(script), 1);
        penstock.start();
        for (int n = 0; n < 20; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Accepted.class);
        }

        Ledger.Balance balance = balance("lost-reply=" + script);

        assertThat(proxy.repliesToLose()).isZero();
        assertThat(balance.reruns()).isZero();
    }

    @Test
    void calledIntoABlackHoleCallsFailAtTheirDeadlineAndAllRecovers() {
        hurry();
        add(0);
        penstock.start();
        await().until(() -> queue.counts().completed() == 1);
        ListAppender<ILoggingEvent> lines = listen();
        proxy.blackHole();
        long began = System.nanoTime();

        Enqueued answer = add(1);

        long millis = (System.nanoTime() - began) / 1_000_000;
        assertThat(answer).isInstanceOfSatisfying(Enqueued.Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(Enqueued.Reason.REDIS_UNREACHABLE);
            assertThat(no.message()).contains("not known").doesNotContain("not added");
        });
        assertThat(millis).isBetween(DEADLINE.toMillis() - 50, DEADLINE.toMillis() + 20_000);
        await().until(() -> proxy.closedByClient() > 0);
        for (int n = 2; n < 4; n++) {
            add(n); // calls go on failing at their deadline
        }
        proxy.heal();
        await().until(() -> penstock.redis().connected());
        for (int n = 4; n < 10; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Accepted.class);
        }
        balance("black-hole millis=" + millis);
        assertThat(outages(lines, "is lost")).hasSize(1);
        assertThat(outages(lines, "is back")).hasSize(1);
    }

    @Test
    void anOutageIsOneLineAtItsBeginAndOneAtItsEnd() {
        hurry();
        add(0);
        penstock.start();
        await().until(() -> queue.counts().completed() == 1);
        ListAppender<ILoggingEvent> lines = listen();
        proxy.cut();
        for (int n = 1; n < 4; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Refused.class);
        }
        proxy.pass();
        await().until(() -> penstock.redis().connected());
        assertThat(add(4)).isInstanceOf(Enqueued.Accepted.class);
        balance("cut");

        List<String> ours = lines.list.stream()
                .filter(line -> line.getLoggerName().startsWith("io.penstock"))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
        assertThat(outages(lines, "is lost")).hasSize(1);
        assertThat(outages(lines, "is back")).hasSize(1);
        assertThat(ours).as("whom it stops does not tell it again").hasSize(2);
    }

    /** A copy of a call may reach Redis long after its retry was answered: a proxy held it while its client reconnected. */
    @Test
    void aCopyThatArrivesLateAddsNothing() throws Exception {
        QueueSettings s = queue.settings();
        QueueSettings.Keep none = new QueueSettings.Keep(Duration.ZERO, 0, 0);
        queue.configure(new QueueSettings(s.maxJobs(), s.maxBytes(), s.maxPayloadBytes(), none, none, s.aging()));
        for (int n = 0; n < 4; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Accepted.class); // every lane has its block now
        }
        proxy.hold();
        ledger.attempted(4);
        CompletionStage<Enqueued> held = penstock.enqueueAsync(TYPE.spec(new Numbered(4)));
        await().until(proxy::holds);
        proxy.breakHeld();
        ledger.answered(4, held.toCompletableFuture().get(60, TimeUnit.SECONDS));
        penstock.start();
        int many = 5_000; // the producer is blocks further, and nothing is left of the first one
        for (int n = 5; n < many; n++) {
            ledger.attempted(n);
            int number = n;
            penstock.enqueueAsync(TYPE.spec(new Numbered(n))).thenAccept(answer -> ledger.answered(number, answer));
        }
        await().until(() -> queue.stats().completedTotal() == many);

        proxy.deliverHeld();
        await().pollDelay(Duration.ofMillis(500)).until(() -> queue.counts().pending() == 0);

        Ledger.Balance balance = ledger.balance();
        System.out.printf(
                "chaos network late-copy completed=%d: %s%n", queue.stats().completedTotal(), balance);
        assertThat(balance.unexpected()).isEmpty();
        assertThat(queue.stats().completedTotal()).isEqualTo(many);
    }

    @Test
    void everythingWorksInPiecesOfOneByteAndWithDelay() {
        penstock.start();
        proxy.slice();
        for (int n = 0; n < 50; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Accepted.class);
        }
        proxy.delay(20);
        for (int n = 50; n < 70; n++) {
            assertThat(add(n)).isInstanceOf(Enqueued.Accepted.class);
        }
        proxy.pass();
        assertThat(balance("slices and delay").ok()).isEqualTo(70);
    }

    @Test
    void thousandsOfCallsWaitThroughAShortOutage() {
        proxy.cut();
        var answers = IntStream.range(0, 3_000)
                .mapToObj(n -> penstock.redis().command("PING", new Call(8)).toCompletableFuture())
                .toList();
        proxy.pass();
        await().until(() -> answers.stream().allMatch(CompletableFuture::isDone));
        assertThat(answers.stream()
                        .filter(CompletableFuture::isCompletedExceptionally)
                        .count())
                .as("calls that failed though the outage was shorter than their deadline")
                .isZero();
    }

    private static ListAppender<ILoggingEvent> listen() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger root = (Logger) LoggerFactory.getLogger("io.penstock");
        root.setLevel(Level.INFO);
        root.addAppender(lines);
        return lines;
    }

    private static List<String> outages(ListAppender<ILoggingEvent> lines, String what) {
        return lines.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("redis connection") && line.contains(what))
                .toList();
    }
}
