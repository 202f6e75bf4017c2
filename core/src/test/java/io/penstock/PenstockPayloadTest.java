package io.penstock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.flow.Flow;
import io.penstock.job.Awaited;
import io.penstock.job.Enqueued;
import io.penstock.job.Follower;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.Place;
import io.penstock.job.Unique;
import io.penstock.payload.FilePayloadStore;
import io.penstock.payload.KeyRing;
import io.penstock.payload.PayloadConfig;
import io.penstock.payload.PayloadStore;
import io.penstock.queue.JobEdit;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Payloads that are sealed in Redis, from the producer to the handler. */
@ExtendWith(EmbeddedRedisExtension.class)
final class PenstockPayloadTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String SECRET = "the very secret address";

    record Mail(String to) {}

    @TempDir
    Path directory;

    private String redis = "";
    private final String queue = "sealed" + NAMES.incrementAndGet();
    private final JobType<Mail> mail = JobType.of("mail", Mail.class).queue(queue);
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    private final List<Penstock> open = new ArrayList<>();

    @BeforeEach
    void knows(EmbeddedRedis server) {
        redis = server.uri();
    }

    @AfterEach
    void close() {
        open.forEach(Penstock::close);
    }

    private static KeyRing ring(String... ids) {
        KeyRing ring = KeyRing.EMPTY;
        for (String id : ids) {
            byte[] key = new byte[32];
            new Random(id.hashCode()).nextBytes(key);
            ring = ring.and(id, key);
        }
        return ring;
    }

    private Penstock connect(PayloadConfig payloads) {
        Penstock penstock = Penstock.connect(PenstockConfig.of(redis).payloads(payloads));
        open.add(penstock);
        return penstock;
    }

    private Penstock connect(String... keys) {
        return connect(PayloadConfig.PLAIN.encrypt(ring(keys)));
    }

    private void start(Penstock penstock) {
        penstock.handle(mail, (one, context) -> ran.add(one.to()));
        penstock.start();
    }

    private JobId add(Penstock penstock, String to, UnaryOperator<JobOptions> how) {
        return ((Enqueued.Accepted) penstock.enqueue(mail, new Mail(to), how)).id();
    }

    private String nextRun() throws InterruptedException {
        return String.valueOf(ran.poll(20, TimeUnit.SECONDS));
    }

    /** All that Redis has of a job, as text. */
    private String record(Penstock penstock, JobId id) {
        Object record = penstock.redis()
                .await(penstock.redis()
                        .command(
                                "HGET",
                                new Call(96)
                                        .key(("pk:{" + queue + "}:j:" + id.block()).getBytes(UTF_8))
                                        .arg(id.serial())))
                .get(0);
        return new String((byte[]) record, UTF_8);
    }

    private String plain(Penstock penstock, JobId id) {
        Job job = penstock.job(id).orElseThrow();
        return new String(penstock.queue(queue).open(job), UTF_8);
    }

    @Test
    void keepsPayloadsFromWhoeverReadsRedisAndGivesThemToTheHandler() throws Exception {
        Penstock penstock = connect("k1");
        JobId id = add(penstock, SECRET, o -> o);
        assertThat(record(penstock, id)).contains("\tea:k1").doesNotContain("secret");
        assertThat(penstock.job(id).orElseThrow().encoding()).isEqualTo("a:k1");
        assertThat(plain(penstock, id)).contains(SECRET);
        start(penstock);
        assertThat(nextRun()).isEqualTo(SECRET);
    }

    @Test
    void keepsThemSealedThroughRetriesEditsAndReplacements() throws Exception {
        Penstock penstock = connect("k1");
        JobId edited = add(penstock, "first", o -> o.in(Duration.ofHours(1)));
        penstock.queue(queue).edit(edited, new JobEdit("{\"to\":\"second secret\"}".getBytes(UTF_8), null, null));
        assertThat(record(penstock, edited)).contains("\tea:k1").doesNotContain("secret");
        assertThat(plain(penstock, edited)).contains("second secret");

        Unique key = Unique.keepLast("one");
        JobId replaced = add(penstock, "a", o -> o.in(Duration.ofHours(1)).unique(key));
        Enqueued again = penstock.enqueue(mail, new Mail(SECRET), o -> o.unique(key));
        assertThat(again).isEqualTo(new Enqueued.Duplicate(replaced, true));
        assertThat(record(penstock, replaced)).doesNotContain("secret");
        assertThat(plain(penstock, replaced)).contains(SECRET);

        AtomicInteger attempts = new AtomicInteger();
        penstock.handle(mail, (one, context) -> {
            if (attempts.incrementAndGet() < 2) {
                throw new IllegalStateException("once more");
            }
            ran.add(one.to());
        });
        penstock.start();
        add(penstock, SECRET, o -> o);
        assertThat(nextRun()).isEqualTo(SECRET);
    }

    @Test
    void aWorkerWithoutTheKeyPutsTheJobOffUntilOneHasIt() throws Exception {
        Penstock with = connect("k1");
        JobId id = add(with, SECRET, o -> o);
        Penstock without = connect("k2");
        start(without);
        await().until(() -> {
            Job job = with.job(id).orElseThrow();
            return job.state() == JobState.DELAYED && job.deliveries() == 1 && job.attempt() == 0;
        });
        assertThat(ran).isEmpty();
        assertThatThrownBy(() -> plain(without, id)).hasMessageContaining("\"k1\"");

        without.close();
        open.remove(without);
        Penstock rotated = connect("k2", "k1");
        rotated.queue(queue).promote(id);
        start(rotated);
        assertThat(nextRun()).isEqualTo(SECRET);
        JobId fresh = add(rotated, "new", o -> o.in(Duration.ofHours(1)));
        assertThat(rotated.job(fresh).orElseThrow().encoding()).isEqualTo("a:k2");
    }

    @Test
    void aPayloadThatWasCopiedIntoAnotherTypeOfJobIsADeadLetter() throws Exception {
        Penstock penstock = connect("k1");
        JobId id = add(penstock, SECRET, o -> o.in(Duration.ofHours(1)));
        byte[] sealed = penstock.job(id).orElseThrow().payload();
        JobType<Mail> refund = JobType.of("refund", Mail.class).queue(queue);
        penstock.handle(refund, (one, context) -> ran.add(one.to()));
        JobId forged = ((Enqueued.Accepted)
                        penstock.enqueue(new io.penstock.job.JobSpec(queue, "refund", sealed, JobOptions.NONE, "a:k1")))
                .id();
        start(penstock);
        await().until(() -> penstock.job(forged).orElseThrow().state() == JobState.FAILED);
        Job dead = penstock.job(forged).orElseThrow();
        assertThat(dead.error().type()).isEqualTo("undecodable");
        assertThat(dead.error().message()).contains("k1").doesNotContain("secret");
        assertThat(ran).isEmpty();
    }

    @Test
    void compressesAndKeepsLargePayloadsElsewhere() throws Exception {
        PayloadStore store = new FilePayloadStore(directory, Duration.ofDays(60), Clock.system());
        Penstock penstock =
                connect(PayloadConfig.PLAIN.encrypt(ring("k1")).compress(1_000).offload(store, 10_000));
        String large = "x".repeat(1 << 20); // far over maxPayloadBytes, and far below it as it is stored
        JobId small = add(penstock, large, o -> o.in(Duration.ofHours(1)));
        assertThat(penstock.job(small).orElseThrow().encoding()).matches("z:\\d+,a:k1");
        assertThat(record(penstock, small).length()).isLessThan(10_000);
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        String random = java.util.Base64.getEncoder().encodeToString(noise);
        JobId outside = add(penstock, random, o -> o);
        assertThat(penstock.job(outside).orElseThrow().encoding()).matches("z:\\d+,a:k1,o");
        assertThat(record(penstock, outside).length()).isLessThan(200);
        start(penstock);
        assertThat(nextRun()).isEqualTo(random);
        penstock.queue(queue).promote(small);
        assertThat(nextRun()).isEqualTo(large);
    }

    @Test
    void refusesAJobWhosePayloadItsStoreDoesNotTake() {
        Penstock penstock = connect(PayloadConfig.PLAIN.offload(new BrokenStore(), 0));
        Enqueued answer = penstock.enqueue(mail, new Mail(SECRET));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Enqueued.Refused.class, no -> assertThat(no.reason()).isEqualTo(Enqueued.Reason.PAYLOAD_STORE));
        Penstock tight = connect(PayloadConfig.PLAIN.compress(0).maxPlainBytes(1 << 10));
        assertThat(tight.enqueue(mail, new Mail("x".repeat(2_000))))
                .isInstanceOfSatisfying(
                        Enqueued.Refused.class, no -> assertThat(no.reason()).isEqualTo(Enqueued.Reason.TOO_LARGE));
        assertThat(penstock.queue(queue).counts().waiting()).isZero();
    }

    record Note(String text) {}

    /** All that Redis has of the queue, as one text. */
    private String everything(Penstock penstock) {
        StringBuilder all = new StringBuilder();
        for (Object key :
                penstock.redis().await(penstock.redis().command("KEYS", new Call(64).arg("pk:{" + queue + "}:*")))) {
            byte[] name = (byte[]) key;
            List<Object> dump = penstock.redis().await(penstock.redis().command("DUMP", new Call(64).key(name)));
            all.append(new String(name, UTF_8))
                    .append(dump.get(0) == null ? "" : new String((byte[]) dump.get(0), UTF_8));
        }
        return all.toString();
    }

    @Test
    void keepsResultsStepsAndSignalsFromWhoeverReadsRedis() throws Exception {
        Penstock penstock = connect("k1");
        penstock.handle(mail, (one, context) -> {
            Note kept = context.step("read", () -> new Note(SECRET));
            Note told =
                    context.awaitSignal("word", Duration.ofHours(1), Note.class).orElseThrow();
            context.result(List.of(kept.text(), told.text()));
        });
        penstock.start();
        JobId id = add(penstock, SECRET, o -> o);
        await().until(() -> penstock.job(id).orElseThrow().state() == JobState.DELAYED);
        assertThat(everything(penstock)).doesNotContain("secret");
        assertThat(penstock.signal(id, "word", new Note("a " + SECRET)).ok()).isTrue();
        assertThat(penstock.signal(id, "word", new Note("a " + SECRET)).ok()).isTrue();
        assertThat(penstock.signal(id, "word", new Note("another")).ok()).isFalse();

        Awaited.Ended end = (Awaited.Ended) penstock.await(id, Duration.ofSeconds(60));
        assertThat(new String(end.job().result(), UTF_8)).isEqualTo("[\"" + SECRET + "\",\"a " + SECRET + "\"]");
        assertThat(end.job().resultEncoding()).isEqualTo("a:k1");
        assertThat(everything(penstock)).doesNotContain("secret");
        Job listed =
                penstock.queue(queue).list(JobState.COMPLETED, null, 10).jobs().get(0);
        assertThat(listed.result()).isNull();
        assertThat(listed.resultEncoding()).isEqualTo("a:k1");
        Penstock without = connect("k2");
        assertThat(without.job(id).orElseThrow().result()).isNull();
        assertThat(new String(connect("k2", "k1").job(id).orElseThrow().result(), UTF_8))
                .contains(SECRET);
    }

    @Test
    void givesSealedResultsToTheJobsThatNeedThem() throws Exception {
        Penstock penstock = connect(PayloadConfig.PLAIN.encrypt(ring("k1")).compress(1_000));
        JobType<Mail> last = JobType.of("last", Mail.class).queue(queue);
        String large = "x".repeat(60_000);
        byte[] noise = new byte[30_000];
        new Random(1).nextBytes(noise);
        String random = java.util.Base64.getEncoder().encodeToString(noise); // over what a flow remembers
        penstock.handle(
                mail,
                (one, context) -> context.result(
                        switch (one.to()) {
                            case "large" -> large;
                            case "random" -> random;
                            default -> SECRET;
                        }));
        penstock.handle(last, (one, context) -> {
            ran.add(String.valueOf(context.childResult("small", String.class)));
            ran.add(String.valueOf(context.childResult("large", String.class)));
            ran.add(String.valueOf(context.childResult("random", String.class)));
        });
        penstock.start();
        penstock.flows()
                .submit(Flow.named("sealed")
                        .job("small", mail.spec(new Mail("small")))
                        .job("large", mail.spec(new Mail("large")))
                        .job("random", mail.spec(new Mail("random")))
                        .job("last", last.spec(new Mail("last")))
                        .needs("last", "small", "large", "random"));
        assertThat(nextRun()).isEqualTo(SECRET);
        assertThat(nextRun()).isEqualTo(large);
        assertThat(nextRun()).isEqualTo(random);
    }

    @Test
    void aRunThatLacksTheKeyOfAStepIsPutOff() throws Exception {
        Penstock with = connect("k1", "k2");
        JobId id = add(connect("k2"), SECRET, o -> o);
        AtomicInteger steps = new AtomicInteger();
        with.handle(mail, (one, context) -> {
            context.step("once", steps::incrementAndGet);
            throw context.snooze(Duration.ofHours(1));
        });
        with.start();
        await().until(() -> with.job(id).orElseThrow().state() == JobState.DELAYED);
        with.close();
        open.remove(with);

        Penstock without = connect("k2");
        without.handle(mail, (one, context) -> ran.add("step " + context.step("once", steps::incrementAndGet)));
        without.start();
        without.queue(queue).promote(id);
        await().until(() -> {
            Job job = without.job(id).orElseThrow();
            return job.state() == JobState.DELAYED && job.deliveries() == 2 && job.attempt() == 0;
        });
        without.close();
        open.remove(without);

        Penstock again = connect("k2", "k1");
        again.handle(mail, (one, context) -> ran.add("step " + context.step("once", steps::incrementAndGet)));
        again.start();
        again.queue(queue).promote(id);
        assertThat(nextRun()).isEqualTo("step 1");
    }

    private static final class BrokenStore implements PayloadStore {
        @Override
        public String put(byte[] bytes) throws IOException {
            throw new IOException("disk full");
        }

        @Override
        public byte[] get(String name, int most) throws IOException {
            throw new IOException("disk gone");
        }

        @Override
        public void delete(String name) {
            // nothing was put
        }
    }

    @Test
    void sealsWhatAJobEmitsAndTellsOneWithoutTheKeyWhatItMissed() {
        Penstock penstock = connect(PayloadConfig.PLAIN.encrypt(ring("k1")));
        penstock.handle(mail, (one, context) -> context.emit(SECRET));
        penstock.start();
        JobId id = add(penstock, "a", o -> o);
        await().until(() -> penstock.job(id).orElseThrow().state() == JobState.COMPLETED);
        String kept = penstock
                .redis()
                .await(penstock.redis()
                        .command("HGETALL", new Call(64).key(Redis.utf8("pk:{" + queue + "}:E:" + id.serial()))))
                .stream()
                .map(Redis::text)
                .toList()
                .toString();
        assertThat(kept).contains("a:k1").doesNotContain("secret");
        Map<Penstock, String> expected =
                Map.of(penstock, SECRET, connect(PayloadConfig.PLAIN.encrypt(ring("k2"))), "missed 1-1");
        expected.forEach((reader, text) -> {
            StringBuilder heard = new StringBuilder();
            CountDownLatch over = new CountDownLatch(1);
            reader.feeds().follow(id, Duration.ofMinutes(1), new Follower() {
                @Override
                public void piece(Place place, String piece) {
                    heard.append(piece);
                }

                @Override
                public void missed(long run, long first, long last) {
                    heard.append("missed ").append(first).append('-').append(last);
                }

                @Override
                public void ended(Awaited end) {
                    over.countDown();
                }
            });
            await().until(() -> over.getCount() == 0);
            assertThat(heard).hasToString(text);
        });
    }
}
