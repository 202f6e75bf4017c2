package io.penstock.notice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.job.Backoff;
import io.penstock.notice.Delivery.Outcome;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CourierTest {
    private static final Terms ALL = new Terms(Severity.INFO, 600, 20);

    private final Threads threads = new Threads(50);
    private Courier courier = courier(Duration.ofMillis(50), 3);

    private Courier courier(Duration window, int attempts) {
        Patience patience = new Patience(
                window, Backoff.fixed(Duration.ofMillis(5)), attempts, Duration.ofMillis(300), Duration.ofSeconds(2));
        Courier made = new Courier(Clock.system(), threads, patience);
        made.start();
        return made;
    }

    @AfterEach
    void close() {
        courier.close();
        threads.close();
    }

    /** A channel of which a test says what it does. */
    private static class Receiver implements Channel {
        final List<List<Notice>> got = new CopyOnWriteArrayList<>();
        final BlockingQueue<IOException> troubles = new LinkedBlockingQueue<>();
        volatile boolean closed;

        @Override
        public String kind() {
            return "test";
        }

        @Override
        public void send(List<Notice> notices) throws IOException, InterruptedException {
            IOException trouble = troubles.poll();
            if (trouble != null) {
                throw trouble;
            }
            got.add(List.copyOf(notices));
        }

        @Override
        public void close() {
            closed = true;
        }

        List<String> alerts() {
            return got.stream().flatMap(List::stream).map(Notice::alert).toList();
        }
    }

    private Receiver receiver(String id) {
        Receiver receiver = new Receiver();
        courier.put(id, receiver, ALL);
        return receiver;
    }

    private Delivery last(String channel) {
        List<Delivery> all = courier.deliveries(channel, null, 1);
        return all.isEmpty() ? null : all.get(0);
    }

    @Test
    void sendsWhatComesTogetherInOneMessageAndLeavesNoThread() {
        Receiver receiver = receiver("a");
        courier.tell(Notices.firing("one"));
        courier.tell(Notices.firing("two"));
        courier.tell(Notices.of("one", Severity.WARNING, "resolved"));
        await().until(() -> !receiver.got.isEmpty());
        assertThat(receiver.got).singleElement().satisfies(batch -> {
            assertThat(batch).extracting(Notice::alert).containsExactly("one", "two");
            assertThat(batch.get(0).state()).isEqualTo("resolved");
        });
        await().until(() -> threads.alive() == 0);
        assertThat(last("a").outcome()).isEqualTo(Outcome.DELIVERED);
        assertThat(courier.stats("a").orElseThrow().collapsed()).isEqualTo(1);
    }

    @Test
    void sendsAFullMessageWithoutWaitingForTheWindow() {
        courier.close();
        courier = courier(Duration.ofMinutes(10), 3);
        Receiver receiver = receiver("a");
        for (int i = 0; i < 20; i++) {
            courier.tell(Notices.firing("n" + i));
        }
        await().until(() -> receiver.alerts().size() == 20);
        courier.tell(Notices.firing("late"));
        assertThat(courier.stats("a").orElseThrow().waiting()).isEqualTo(1);
    }

    @Test
    void triesAgainWhatMayPassAndGivesUpWhatWillNot() {
        Receiver receiver = receiver("a");
        receiver.troubles.add(NotTaken.now("busy"));
        receiver.troubles.add(new IOException("broken"));
        courier.tell(Notices.firing("one"));
        await().until(() -> receiver.alerts().contains("one"));
        await().until(() -> last("a").outcome() == Outcome.DELIVERED);
        assertThat(last("a").attempts()).isEqualTo(3);

        receiver.troubles.add(NotTaken.ever("never"));
        courier.tell(Notices.firing("two"));
        await().until(() -> last("a").outcome() == Outcome.FAILED);
        assertThat(last("a").attempts()).isEqualTo(1);
        assertThat(last("a").error()).isEqualTo("never");

        for (int i = 0; i < 3; i++) {
            receiver.troubles.add(NotTaken.now("busy " + i));
        }
        courier.tell(Notices.firing("three"));
        await().until(() -> last("a").outcome() == Outcome.FAILED && last("a").attempts() == 3);
        courier.tell(Notices.firing("four"));
        await().until(() -> receiver.alerts().contains("four"));
        assertThat(receiver.alerts()).doesNotContain("two", "three");
        ChannelStats stats = courier.stats("a").orElseThrow();
        assertThat(stats.failed()).isEqualTo(2);
        assertThat(stats.delivered()).isEqualTo(2);
    }

    @Test
    void leavesAReceiverAloneForAsLongAsItAsksWithinBounds() {
        Receiver receiver = receiver("a");
        receiver.troubles.add(NotTaken.until(Duration.ofDays(1), "later"));
        long begin = Clock.system().nanos();
        courier.tell(Notices.firing("one"));
        await().until(() -> receiver.alerts().contains("one"));
        assertThat(Duration.ofNanos(Clock.system().nanos() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void doesNotLetOneChannelDelayAnother() throws InterruptedException {
        Semaphore stuck = new Semaphore(0);
        CountDownLatch inside = new CountDownLatch(1);
        Receiver slow = new Receiver() {
            @Override
            public void send(List<Notice> notices) throws IOException, InterruptedException {
                inside.countDown();
                stuck.acquire();
                super.send(notices);
            }
        };
        courier.put("slow", slow, ALL);
        Receiver quick = receiver("quick");
        courier.tell(Notices.firing("one"));
        assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 300; i++) {
            courier.tell(Notices.of("n" + i, Severity.INFO, "firing"));
        }
        courier.tell(Notices.of("bad", Severity.CRITICAL, "firing"));
        await().until(() -> quick.alerts().contains("bad"));
        ChannelStats stats = courier.stats("slow").orElseThrow();
        assertThat(stats.waiting()).isEqualTo(Outbox.MOST);
        assertThat(stats.dropped()).isEqualTo(301 - Outbox.MOST);
        stuck.release(1_000);
        await().until(() -> slow.alerts().contains("bad"));
        assertThat(slow.got.get(1).get(19).summary()).contains("101 other notices were dropped");
    }

    @Test
    void tellsTheEndOfWhatItToldHoweverMildTheEndIs() {
        Receiver receiver = new Receiver();
        courier.put("a", receiver, new Terms(Severity.ERROR, 600, 20));
        courier.tell(Notices.firing("mild"));
        courier.tell(Notices.of("bad", Severity.ERROR, "firing"));
        await().until(() -> receiver.alerts().contains("bad"));
        courier.tell(Notices.of("mild", Severity.INFO, "resolved"));
        courier.tell(Notices.of("bad", Severity.INFO, "resolved"));
        await().until(() -> receiver.got.size() == 2);
        assertThat(receiver.alerts()).containsExactly("bad", "bad");
    }

    @Test
    void goesOnWithTheNewChannelAtOnceWhenItIsReplaced() {
        courier.close();
        Patience patience = new Patience(
                Duration.ZERO, Backoff.fixed(Duration.ofMinutes(5)), 3, Duration.ofHours(1), Duration.ofSeconds(1));
        courier = new Courier(Clock.system(), threads, patience);
        courier.start();
        Receiver wrong = receiver("a");
        wrong.troubles.add(NotTaken.now("wrong address"));
        courier.tell(Notices.firing("one"));
        await().until(() -> last("a") != null);
        Receiver right = receiver("a");
        await().until(() -> right.alerts().contains("one"));
        assertThat(wrong.closed).isTrue();
        courier.remove("a");
        assertThat(right.closed).isTrue();
        assertThat(courier.stats("a")).isEmpty();
    }

    @Test
    void sendsWhatWaitsBeforeItEnds() {
        courier.close();
        courier = courier(Duration.ofMinutes(10), 3);
        Receiver receiver = receiver("a");
        courier.tell(Notices.firing("one"));
        courier.close();
        assertThat(receiver.alerts()).containsExactly("one");
        assertThat(receiver.closed).isTrue();
        courier.tell(Notices.firing("two"));
        assertThat(threads.alive()).isZero();
    }

    @Test
    void doesNotWaitLongerThanItsFarewellForAReceiverThatHangs() {
        Semaphore stuck = new Semaphore(0);
        Receiver slow = new Receiver() {
            @Override
            public void send(List<Notice> notices) throws InterruptedException {
                stuck.acquire();
            }
        };
        courier.put("slow", slow, ALL);
        courier.tell(Notices.firing("one"));
        await().until(() -> stuck.hasQueuedThreads());
        courier.tell(Notices.firing("two"));
        long begin = Clock.system().nanos();
        courier.close();
        assertThat(Duration.ofNanos(Clock.system().nanos() - begin))
                .isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(10));
        assertThat(courier.stats("slow").orElseThrow().dropped()).isEqualTo(1);
        await().until(() -> threads.alive() == 0);
    }

    @Test
    void testsAChannelPastWhatWaits() throws IOException, InterruptedException {
        courier.close();
        courier = courier(Duration.ofMinutes(10), 3);
        Receiver receiver = receiver("a");
        courier.tell(Notices.firing("one"));
        Notice trial = Notices.of("test-1", Severity.INFO, "test");
        assertThat(courier.test("a", trial, Duration.ofSeconds(1)).orElseThrow().outcome())
                .isEqualTo(Outcome.DELIVERED);
        receiver.troubles.add(NotTaken.now("busy"));
        Delivery failed = courier.test("a", trial, Duration.ofSeconds(1)).orElseThrow();
        assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failed.error()).isEqualTo("busy");
        assertThat(failed.attempts()).isEqualTo(1);
        assertThat(receiver.alerts()).containsExactly("test-1");
        assertThat(courier.test("b", trial, Duration.ZERO)).isEmpty();
    }

    @Test
    void survivesAChannelThatIsBroken() {
        Receiver broken = new Receiver() {
            @Override
            public void send(List<Notice> notices) throws IOException, InterruptedException {
                if (notices.get(0).alert().equals("one")) {
                    throw new IllegalStateException("canary");
                }
                super.send(notices);
            }
        };
        courier.put("a", broken, ALL);
        courier.tell(Notices.firing("one"));
        await().until(() -> last("a") != null);
        courier.tell(Notices.firing("two"));
        await().until(() -> broken.alerts().contains("two"));
        assertThat(courier.deliveries("a", null, 10))
                .extracting(Delivery::error)
                .noneMatch(e -> e.contains("canary"));
    }

    @Test
    void hasABoundOfChannels() {
        for (int i = 0; i < Courier.MOST_CHANNELS; i++) {
            receiver("c" + i);
        }
        assertThatThrownBy(() -> receiver("more")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void writesLogLinesThatNobodyCanForge() {
        Notice notice = Notices.of("a\nERROR forged", Severity.INFO, "firing");
        assertThat(LogChannel.line(notice)).doesNotContain("\n").contains("a?ERROR forged", "threshold=10.0");
    }
}
