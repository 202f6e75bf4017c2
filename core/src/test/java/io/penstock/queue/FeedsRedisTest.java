package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Awaited;
import io.penstock.job.Follower;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Place;
import io.penstock.redis.Redis;
import io.penstock.runtime.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What followers hear of what lies in Redis, and of what is told. */
@ExtendWith(EmbeddedRedisExtension.class)
final class FeedsRedisTest {
    private static final Duration LONG = Duration.ofHours(1);

    private QueueRig rig;
    private QueueEvents events;
    private Waiters waiters;
    private Feeds feeds;
    private Lease lease;

    @BeforeEach
    void open(EmbeddedRedis server) {
        rig = new QueueRig(server);
        events = new QueueEvents(rig.redis, rig.timer);
        waiters = new Waiters(rig.redis, events, name -> rig.queue, rig.timer);
        feeds = new Feeds(rig.redis, name -> rig.queue, waiters);
        lease = rig.join();
    }

    @AfterEach
    void close() {
        waiters.close();
        events.close();
        rig.close();
    }

    /** Everything one follower was told, a line each; runs are written as their order of appearance. */
    private static class Ear implements Follower {
        final List<String> heard = Collections.synchronizedList(new ArrayList<>());
        private final List<Long> runs = new ArrayList<>();
        volatile Place last = Place.START;

        @Override
        public void piece(Place place, String text) {
            last = place;
            heard.add(run(place.run()) + "." + place.number() + " " + text);
        }

        @Override
        public void missed(long run, long first, long last) {
            heard.add(run(run) + ".missed " + first + "-" + last);
        }

        @Override
        public void ended(Awaited end) {
            heard.add(
                    end instanceof Awaited.Ended done
                            ? done.job().state().wire()
                            : end.getClass().getSimpleName());
        }

        private int run(long run) {
            if (!runs.contains(run)) {
                runs.add(run);
            }
            return runs.indexOf(run) + 1;
        }
    }

    private LeasedJob begun() {
        rig.add();
        return rig.take(lease, 1).get(0);
    }

    private FeedStore.Receipt emit(LeasedJob job, String emitter, long first, String... pieces) {
        List<byte[]> bytes = Stream.of(pieces)
                .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
                .toList();
        return rig.await(rig.store.feed().emit(job, new FeedStore.Parcel(emitter, 0, first, bytes, false)));
    }

    private void hears(Ear ear, String... lines) {
        await().untilAsserted(() -> assertThat(ear.heard).containsExactly(lines));
    }

    @Test
    void oneWhoIsThereHearsEachPieceInOrderAndThenTheEnd() {
        LeasedJob job = begun();
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        emit(job, "e", 1, "To be", ", or");
        emit(job, "e", 3, " 不 to be:;\n");
        hears(ear, "1.1 To be", "1.2 , or", "1.3  不 to be:;\n");
        emit(job, "e", 4, "?");
        rig.finish(lease, rig.completed(job));
        hears(ear, "1.1 To be", "1.2 , or", "1.3  不 to be:;\n", "1.4 ?", "completed");
        await().until(() -> feeds.size() == 0 && waiters.size() == 0);
    }

    @Test
    void oneWhoComesLateHearsWhatIsKeptAndOneWhoComesAgainOnlyTheRest() {
        LeasedJob job = begun();
        emit(job, "e", 1, "a", "b", "c");
        Ear late = new Ear();
        feeds.follow(job.id(), LONG, late);
        hears(late, "1.1 a", "1.2 b", "1.3 c");
        Ear again = new Ear();
        feeds.follow(job.id(), Place.parse(new Place(late.last.run(), 2).toString()), LONG, again);
        emit(job, "e", 4, "d");
        hears(again, "1.3 c", "1.4 d");
        assertThat(feeds.followers(job.id())).isEqualTo(2);
        rig.finish(lease, rig.completed(job));
        Ear tooLate = new Ear();
        feeds.follow(job.id(), LONG, tooLate);
        hears(tooLate, "1.1 a", "1.2 b", "1.3 c", "1.4 d", "completed");
        hears(late, "1.1 a", "1.2 b", "1.3 c", "1.4 d", "completed");
    }

    @Test
    void tellsTruthfullyWhatIsNotKept() {
        LeasedJob job = begun();
        String piece = "x".repeat(4_000);
        for (int i = 1; i <= 40; i++) {
            emit(job, "e", i, piece);
        }
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        await().until(() -> ear.last.number() == 40);
        assertThat(ear.heard.get(0)).isEqualTo("1.missed 1-24");
        assertThat(ear.heard).hasSize(17);
        Long bytes = (Long) rig.command("MEMORY", Redis.utf8("USAGE"), new String(key(job), StandardCharsets.UTF_8))
                .get(0);
        assertThat(bytes).isLessThan(80 << 10);
        emit(job, "e", 50, "after a loss");
        await().until(() -> ear.last.number() == 50);
        assertThat(ear.heard.subList(17, 19)).containsExactly("1.missed 41-49", "1.50 after a loss");
    }

    private byte[] key(LeasedJob job) {
        return rig.store.keys().feed(job.id().serial());
    }

    @Test
    void aMessageThatWasLostIsReadAgain() {
        LeasedJob job = begun();
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        emit(job, "e", 1, "a");
        hears(ear, "1.1 a");
        long run = ear.last.run();
        rig.command("HSET", key(job), "s1", run + " 1;1:a1:b", "n", "2"); // told by a message that nobody got
        emit(job, "e", 3, "c");
        hears(ear, "1.1 a", "1.2 b", "1.3 c");
    }

    @Test
    void aLaterRunBeginsAnew() {
        LeasedJob job = begun();
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        emit(job, "first", 1, "a", "b");
        hears(ear, "1.1 a", "1.2 b");
        FeedStore.Receipt second = emit(job, "second", 1, "A");
        hears(ear, "1.1 a", "1.2 b", "2.1 A");
        assertThat(second.run()).isEqualTo(ear.last.run());
        Ear late = new Ear();
        feeds.follow(job.id(), LONG, late);
        hears(late, "1.1 A");
    }

    @Test
    void whatIsSentAgainIsKeptOnceAndOnlyTheHolderMayEmit() {
        LeasedJob job = begun();
        FeedStore.Receipt first = emit(job, "e", 1, "a", "b");
        assertThat(emit(job, "e", 1, "a", "b")).isEqualTo(first);
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        hears(ear, "1.1 a", "1.2 b");
        rig.expire(lease);
        rig.reclaimAll();
        assertThat(emit(job, "e", 3, "from the dead").run()).isZero();
        LeasedJob again = rig.take(rig.join(), 1).get(0);
        emit(again, "other", 1, "anew");
        hears(ear, "1.1 a", "1.2 b", "2.1 anew");
    }

    @Test
    void isKeptAMinuteLongerThanTheRunThatEmittedIt() {
        LeasedJob job = begun();
        emit(job, "e", 1, "a");
        assertThat((Long) rig.command("PTTL", key(job)).get(0)).isGreaterThan(60_000);
        rig.await(rig.store.feed().emit(job, new FeedStore.Parcel("e", 0, 2, List.of(), true)));
        assertThat((Long) rig.command("PTTL", key(job)).get(0)).isBetween(1L, 60_000L);
        rig.finish(lease, rig.completed(job));
        rig.assertSound();
        rig.command("DEL", key(job)); // as the minute does
        Ear ear = new Ear();
        feeds.follow(job.id(), LONG, ear);
        hears(ear, "completed");
    }

    @Test
    void tellsOfJobsThatAreNotThereAndOfTimesThatAreOver() {
        Ear none = new Ear();
        feeds.follow(new JobId(rig.name, "1000"), LONG, none);
        Ear now = new Ear();
        feeds.follow(rig.add(), Duration.ZERO, now);
        hears(none, "Gone");
        hears(now, "Pending");
        assertThat(feeds.size()).isZero();
    }

    @Test
    void oneWhoLeavesHearsNothingMoreAndLeavesNothingBehind() {
        LeasedJob job = begun();
        Ear stays = new Ear();
        Ear leaves = new Ear();
        feeds.follow(job.id(), LONG, stays);
        Subscription left = feeds.follow(job.id(), LONG, leaves);
        left.close();
        left.close();
        emit(job, "e", 1, "a");
        hears(stays, "1.1 a");
        assertThat(leaves.heard).isEmpty();
        assertThat(feeds.followers(job.id())).isOne();
        await().until(() -> waiters.size() == 1);
        Subscription[] mine = new Subscription[1];
        Ear fickle = new Ear() {
            @Override
            public void piece(Place place, String text) {
                super.piece(place, text);
                mine[0].close();
            }
        };
        Place before = Place.START;
        JobId other = begun().id();
        mine[0] = feeds.follow(other, before, LONG, fickle);
        rig.queue.cancel(other);
        rig.queue.cancel(job.id());
        rig.finish(lease, rig.completed(job));
        hears(stays, "1.1 a", "completed");
        assertThat(rig.job(job.id()).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void refusesATimeOrAPlaceThatIsNone() {
        JobId id = rig.add();
        assertThatThrownBy(() -> feeds.follow(id, Duration.ofDays(2), new Ear()))
                .hasMessageContaining("outside 0 to");
        assertThat(feeds.size()).isZero();
        assertThatThrownBy(() -> Place.parse("7")).hasMessageContaining("RUN-NUMBER");
        assertThatThrownBy(() -> new Place(-1, 0)).hasMessageContaining("below 0");
    }
}
