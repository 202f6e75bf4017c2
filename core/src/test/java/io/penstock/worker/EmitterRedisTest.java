package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Awaited;
import io.penstock.job.Backoff;
import io.penstock.job.Follower;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.Place;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.Feeds;
import io.penstock.queue.Waiters;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What handlers emit, as followers hear it. */
@ExtendWith(EmbeddedRedisExtension.class)
final class EmitterRedisTest {
    private Rig rig;
    private Waiters waiters;
    private Feeds feeds;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new Rig(server);
        waiters = new Waiters(rig.redis, rig.events, name -> rig.queue, rig.timer);
        feeds = new Feeds(rig.redis, name -> rig.queue, waiters);
    }

    @AfterEach
    void closeAndLeaveNoThread() {
        waiters.close();
        rig.close();
        assertThat(rig.threads.alive()).isZero();
    }

    /** The text of the run that was heard last, as a reader of an answer puts it together. */
    private static final class Reader implements Follower {
        final List<String> said = new CopyOnWriteArrayList<>();
        final AtomicReference<Awaited> end = new AtomicReference<>();
        volatile boolean missed;
        private long run;

        @Override
        public void piece(Place place, String text) {
            if (place.run() != run) {
                run = place.run();
                said.clear();
            }
            said.add(text);
        }

        @Override
        public void missed(long run, long first, long last) {
            missed = true;
        }

        @Override
        public void ended(Awaited ended) {
            end.set(ended);
        }

        String text() {
            return String.join("", said);
        }
    }

    private Reader follow(JobId id) {
        Reader reader = new Reader();
        feeds.follow(id, Duration.ofMinutes(30), reader);
        return reader;
    }

    private void ended(Reader reader, JobState state) {
        await().until(() -> reader.end.get() != null);
        assertThat(((Awaited.Ended) reader.end.get()).job().state()).isEqualTo(state);
    }

    @Test
    void everythingIsHeardInOrderBeforeTheEndHoweverFastItComes() {
        JobType<Integer> type = rig.type("count");
        rig.handlers.handle(type, (n, context) -> {
            for (int i = 0; i < 2_000; i++) {
                context.emit(i + ",");
            }
            context.emit("");
        });
        JobId id = rig.enqueue(type);
        Reader reader = follow(id);
        rig.start(2);
        ended(reader, JobState.COMPLETED);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            all.append(i).append(',');
        }
        assertThat(reader.text()).isEqualTo(all.toString());
        assertThat(reader.said).hasSize(2_000);
        assertThat(reader.missed).isFalse();
    }

    @Test
    void aWordIsHeardWhileTheHandlerStillRuns() {
        JobType<Integer> type = rig.type("talk");
        CountDownLatch heard = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            context.emit("hello");
            context.emit(" world");
            heard.await();
        });
        rig.start(1);
        JobId id = rig.enqueue(type);
        Reader reader = follow(id);
        await().until(() -> reader.text().equals("hello world"));
        heard.countDown();
        ended(reader, JobState.COMPLETED);
    }

    @Test
    void aSecondAttemptBeginsAnewAndAFailedOneIsHeardToItsEnd() {
        JobType<Integer> type = rig.type("again").retry(RetryPolicy.of(Backoff.fixed(Duration.ofMillis(20)), 2));
        rig.handlers.handle(type, (n, context) -> {
            context.emit("try ");
            context.emit(Integer.toString(context.attempt()));
            throw new IOException("no");
        });
        JobId id = rig.enqueue(type);
        Reader reader = follow(id);
        rig.start(1);
        ended(reader, JobState.FAILED);
        assertThat(reader.text()).isEqualTo("try 2");
    }

    @Test
    void costsNothingWhereNothingIsEmitted() {
        JobType<Integer> quiet = rig.type("quiet");
        rig.handlers.handle(quiet, (n, context) -> context.progress(n));
        rig.start(1);
        JobId id = rig.enqueue(quiet);
        rig.awaitState(id, JobState.COMPLETED);
        byte[] key = Redis.utf8("pk:{" + rig.name + "}:E:" + id.serial());
        assertThat(rig.redis.await(rig.redis.command("EXISTS", new Call(64).key(key))))
                .containsExactly(0L);
    }

    @Test
    void cutsALongTextIntoPiecesAndTakesNoneBehindTheEnd() {
        JobType<Integer> type = rig.type("large");
        AtomicReference<JobContext> kept = new AtomicReference<>();
        String text = "\u0001" + "不😀".repeat(1_000);
        String told = "?" + text.substring(1);
        rig.handlers.handle(type, (n, context) -> {
            kept.set(context);
            context.emit(text);
        });
        JobId id = rig.enqueue(type);
        Reader reader = follow(id);
        rig.start(1);
        ended(reader, JobState.COMPLETED);
        kept.get().emit("late");
        assertThat(reader.text()).isEqualTo(told);
        assertThat(reader.said).hasSize(3);
        Reader after = follow(id);
        ended(after, JobState.COMPLETED);
        assertThat(after.text()).isEqualTo(told);
    }

    @Test
    void dropsTheOldestWhenRedisDoesNotTakeThem() {
        JobType<Integer> type = rig.type("flood");
        CountDownLatch go = new CountDownLatch(1);
        rig.handlers.handle(type, (n, context) -> {
            String piece = "y".repeat(1_300);
            for (int i = 0; i < 300; i++) {
                context.emit(piece);
            }
            context.emit("last");
            go.countDown();
        });
        JobId id = rig.enqueue(type);
        Reader reader = follow(id);
        rig.start(1);
        ended(reader, JobState.COMPLETED);
        assertThat(reader.said.get(reader.said.size() - 1)).isEqualTo("last");
        assertThat(reader.said.size() == 301 || reader.missed).isTrue();
    }
}
