package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.alert.AlertRule.Operator;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.testing.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that share rules and alerts over one Redis, on the bundled server and on the one of the system. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
final class AlertsRedisTest {
    private static final Duration QUICK = Duration.ofMillis(400);
    private static final String WAITING = "queue.mail.waiting";
    private static final String THREADS = "process.threads";

    @Parameter
    boolean bundled;

    private EmbeddedRedis server;
    private final List<AlertsRig> rigs = new ArrayList<>();

    @BeforeEach
    void start() {
        server = EmbeddedRedis.builder()
                .preferBundled(bundled)
                .persistence(false)
                .unixSocket(false)
                .start();
    }

    @AfterEach
    void stop() {
        rigs.forEach(AlertsRig::close);
        server.close();
    }

    private AlertsRig process(String name, Duration period) {
        return process(server.uri(), name, period);
    }

    private AlertsRig process(String uri, String name, Duration period) {
        AlertsRig rig = new AlertsRig(uri, name, new Gauges().set(WAITING, 0).set(THREADS, 10), period);
        rigs.add(rig);
        return rig;
    }

    private static AlertRule waiting() {
        return AlertRule.draft("mail", "queue.*.waiting", Operator.ABOVE, 10)
                .cooldown(Duration.ZERO)
                .mostPerHour(60)
                .rule();
    }

    private static AlertRule threads() {
        return AlertRule.draft("threads", THREADS, Operator.ABOVE, 100)
                .cooldown(Duration.ZERO)
                .mostPerHour(60)
                .severity(Severity.ERROR)
                .rule();
    }

    private void set(String metric, double value) {
        rigs.forEach(rig -> rig.gauges.set(metric, value));
    }

    private List<String> told(String metric) {
        return rigs.stream().flatMap(rig -> rig.told(metric).stream()).toList();
    }

    private AlertsRig leader() {
        await().until(() -> rigs.stream().anyMatch(AlertsRig::leads));
        return rigs.stream().filter(AlertsRig::leads).findFirst().orElseThrow();
    }

    private static @Nullable Instant lastLook(AlertsRig rig) {
        return rig.alerts.status("redis-down").orElseThrow().evaluatedAt();
    }

    private static void looksOf(AlertsRig rig, int count) {
        for (int i = 0; i < count; i++) {
            Instant last = lastLook(rig);
            await().until(() -> !Objects.equals(lastLook(rig), last));
        }
    }

    @Test
    void tellsOfAQueueOnceHoweverManyProcessesThereAre() {
        for (int i = 0; i < 3; i++) {
            process("p" + i, QUICK);
        }
        assertThat(rigs.get(0).alerts.put(null, waiting())).isTrue();
        assertThat(rigs.get(1).alerts.put(null, threads())).isTrue();
        leader();
        for (int round = 1; round <= 3; round++) {
            int rounds = round;
            set(WAITING, 11);
            set(THREADS, 101);
            await().until(() ->
                    told(WAITING).size() == 2 * rounds - 1 && told(THREADS).size() == 6 * rounds - 3);
            looksOf(rigs.get(0), 3);
            assertThat(told(WAITING)).hasSize(2 * rounds - 1);
            set(WAITING, 0);
            set(THREADS, 0);
            await().until(() ->
                    told(WAITING).size() == 2 * rounds && told(THREADS).size() == 6 * rounds);
        }
        looksOf(rigs.get(0), 3);
        assertThat(told(WAITING)).hasSize(6);
        assertThat(told(THREADS)).hasSize(18);
        AlertPage past = rigs.get(2).alerts.past(alert -> alert.rule().equals("mail"), null, 100);
        assertThat(past.alerts()).hasSize(3).allSatisfy(alert -> {
            assertThat(alert.state()).isEqualTo(AlertState.RESOLVED);
            assertThat(alert.process()).isEmpty();
            assertThat(alert.told()).isTrue();
        });
        assertThat(rigs.get(0)
                        .alerts
                        .past(alert -> alert.rule().equals("threads"), null, 100)
                        .alerts())
                .extracting(Alert::process)
                .containsOnly("p0", "p1", "p2")
                .hasSize(9);
    }

    @Test
    void goesOnWithinAPeriodAfterTheOneThatSpokeForAllHasDied() {
        Duration period = Duration.ofSeconds(2);
        process("p0", period);
        process("p1", period);
        rigs.get(0).alerts.put(null, waiting());
        AlertsRig dead = leader();
        AlertsRig heir = rigs.get(dead == rigs.get(0) ? 1 : 0);
        set(WAITING, 11);
        await().until(() -> told(WAITING).equals(List.of("firing")));
        dead.die();
        set(WAITING, 11);
        rigs.forEach(rig -> rig.gauges.set("queue.post.waiting", 11));
        long died = System.nanoTime();
        await().until(() -> heir.told("queue.post.waiting").equals(List.of("firing")));
        Duration took = Duration.ofNanos(System.nanoTime() - died);
        assertThat(took).isLessThan(period.plusSeconds(2)); // the machine may be loaded
        assertThat(told(WAITING)).as("known to the heir").containsExactly("firing");
        set(WAITING, 0);
        await().until(() -> heir.told(WAITING).equals(List.of("resolved")));
        assertThat(dead.told(WAITING)).containsExactly("firing");
        Notice begin = dead.told.stream()
                .filter(n -> n.metric().equals(WAITING))
                .findFirst()
                .orElseThrow();
        Notice end = heir.told.stream()
                .filter(n -> n.state().equals("resolved"))
                .findFirst()
                .orElseThrow();
        assertThat(end.alert()).isEqualTo(begin.alert());
        assertThat(end.since()).isEqualTo(begin.since());
    }

    @Test
    void lettingGoOfTheLeaseNeedsNoWaiting() {
        Duration period = Duration.ofMinutes(10);
        process("p0", period);
        AlertsRig first = leader();
        first.alerts.close();
        process("p1", period);
        await().until(() -> rigs.get(1).leads());
    }

    @Test
    void keepsRulesMarksAndHistoryOverARestart() {
        AlertsRig first = process("p0", QUICK);
        first.alerts.put(null, waiting());
        first.alerts.put(null, threads());
        set(WAITING, 11);
        set(THREADS, 101);
        await().until(() -> first.told.size() == 2);
        String mail = first.told.stream()
                .filter(n -> n.metric().equals(WAITING))
                .findFirst()
                .orElseThrow()
                .alert();
        String own = Board.id("threads", THREADS, "p0");
        await().until(() ->
                first.alerts.active(a -> a.told(), null, 10).alerts().size() == 2);
        assertThat(first.alerts.acknowledge(mail).orElseThrow().state()).isEqualTo(AlertState.ACKNOWLEDGED);
        Instant until = Instant.now().plusSeconds(3_600);
        assertThat(first.alerts.silence(own, until).orElseThrow().state()).isEqualTo(AlertState.SILENCED);
        assertThat(first.alerts.acknowledge("nothing-0")).isEmpty();
        assertThat(first.alerts.silence("nothing-0", until)).isEmpty();
        assertThatThrownBy(() -> first.alerts.silence(own, Instant.now().plus(Duration.ofDays(32))))
                .hasMessageContaining("31 days");
        first.close();
        rigs.clear();

        AlertsRig second = process("p0", QUICK);
        set(WAITING, 11);
        set(THREADS, 101);
        looksOf(second, 3);
        assertThat(second.told).isEmpty();
        assertThat(second.alerts.rule("mail")).contains(waiting());
        assertThat(second.alerts.alert(mail).orElseThrow().state()).isEqualTo(AlertState.ACKNOWLEDGED);
        assertThat(second.alerts.alert(own).orElseThrow().silencedUntil())
                .isEqualTo(Instant.ofEpochMilli(until.toEpochMilli()));
        set(WAITING, 0);
        set(THREADS, 0);
        await().until(() -> second.told.size() == 2);
        await().until(() -> second.alerts.past(a -> true, null, 10).alerts().size() == 2);
        assertThatThrownBy(() -> second.alerts.acknowledge(mail))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("resolved");
        set(THREADS, 101);
        looksOf(second, 3);
        assertThat(second.told).as("silenced").hasSize(2);
        second.alerts.silence(own, Instant.now());
        await().until(() -> second.told.size() == 3);
    }

    @Test
    void goesOnWithItsOwnMetricsWhileRedisIsAwayAndLosesAndDoublesNothing() throws IOException {
        try (FaultProxy proxy = new FaultProxy(server.uri())) {
            AlertsRig cut = process(proxy.uri(), "cut", QUICK);
            cut.alerts.put(null, waiting());
            cut.alerts.put(null, threads());
            cut.alerts.put(
                    cut.alerts.rule("redis-down").orElseThrow(),
                    AlertRule.draft("redis-down", "redis.down", Operator.AT_LEAST, 1)
                            .cooldown(Duration.ZERO)
                            .rule());
            await().until(cut::leads);
            proxy.cut();
            await().until(() -> !cut.redis.connected());
            AlertsRig other = process("other", QUICK);
            set(THREADS, 101);
            set(WAITING, 11);
            await().until(() ->
                    cut.told(THREADS).size() == 1 && cut.told("redis.down").size() == 1);
            await().until(() -> other.told(WAITING).size() == 1);
            assertThat(cut.alerts.active(a -> true, null, 10).complete()).isFalse();
            assertThat(cut.alerts.active(a -> true, null, 10).alerts())
                    .extracting(Alert::rule)
                    .contains("threads", "redis-down");
            set(THREADS, 0);
            await().until(() -> cut.told(THREADS).size() == 2);
            set(THREADS, 101);
            await().until(() -> cut.told(THREADS).size() == 3);
            set(THREADS, 0);
            await().until(() -> cut.told(THREADS).size() == 4);
            set(THREADS, 101);
            await().until(() -> cut.told(THREADS).size() == 5);
            assertThat(cut.told(WAITING)).as("others speak for all").isEmpty();
            proxy.pass();
            await().until(() -> cut.redis.connected());
            await().until(() -> cut.told("redis.down").size() == 2);
            await().until(() -> other.alerts
                            .past(a -> a.process().equals("cut"), null, 10)
                            .alerts()
                            .size()
                    == 3);
            String id = Board.id("threads", THREADS, "cut");
            await().until(() -> other.alerts.alert(id).filter(a -> a.told()).isPresent());
            looksOf(cut, 3);
            assertThat(cut.told(THREADS)).containsExactly("firing", "resolved", "firing", "resolved", "firing");
            assertThat(cut.told("redis.down")).containsExactly("firing", "resolved");
            assertThat(told(WAITING)).containsExactly("firing");
        }
    }

    @Test
    void worksOnARedisThatIsFull() {
        AlertsRig rig = process("p0", QUICK);
        leader();
        rig.command("CONFIG", "SET", "maxmemory", "1");
        assertThatThrownBy(() -> rig.command("SET", "x", "y")).hasMessageContaining("maxmemory");
        rig.command("DEL", "pk:alert:{all}:lease");
        assertThat(rig.alerts.put(null, waiting())).isTrue();
        set(WAITING, 11);
        await().until(() -> told(WAITING).equals(List.of("firing")));
        String id = rig.told.get(0).alert();
        await().until(() -> rig.alerts.alert(id).filter(Alert::told).isPresent());
        assertThat(rig.alerts.acknowledge(id)).isPresent();
        set(WAITING, 0);
        await().until(() -> told(WAITING).equals(List.of("firing", "resolved")));
    }

    @Test
    void writesNothingOfAllWithoutTheLease() {
        AlertsRig rig = process("p0", Duration.ofMinutes(10));
        AlertStore store = new AlertStore(rig.redis);
        Watch all = new Watch("a-1", waiting(), WAITING, "");
        Watch own = new Watch("b-1", threads(), THREADS, "p9");
        List<Board.Change> changes = List.of(
                new Board.Change(all, 1, all.stored().write(), all.stored()),
                new Board.Change(own, 1, own.stored().write(), null));
        assertThat(rig.redis.await(store.commit("p0:stolen", changes))).isFalse();
        assertThat(rig.redis.await(store.alerts())).extracting(Stored::id).containsExactly("b-1");
        assertThat(rig.redis.await(store.past(Long.MAX_VALUE, 0, 10))).isEmpty();
    }

    @Test
    void keepsWithinItsBoundsInRedis() {
        AlertsRig rig = process("p0", Duration.ofMinutes(10));
        AlertStore store = new AlertStore(rig.redis);
        long at = 1_767_225_600_000L;
        for (int block = 0; block < 45; block++) {
            List<Board.Change> changes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Stored ended = new Stored(
                        "a-" + block + "." + i,
                        "a",
                        THREADS,
                        "p0",
                        Stored.Phase.CALM,
                        at,
                        at,
                        at + block * 100L + i,
                        true,
                        false,
                        1,
                        1,
                        Severity.INFO,
                        "x".repeat(240),
                        List.of());
                changes.add(new Board.Change(new Watch(ended, false, false, 0), 1, ended.write(), ended));
            }
            rig.redis.await(store.commit("", changes));
            rig.redis.await(store.commit("", changes)); // sent twice
        }
        assertThat(rig.redis.await(store.alerts())).hasSize(AlertStore.MOST_ALERTS);
        assertThat(rig.command("ZCARD", "pk:alert:{all}:past")).containsExactly((long) AlertStore.MOST_PAST);
        assertThat((Long) rig.command("MEMORY", "USAGE", "pk:alert:{all}:past").get(0))
                .isLessThan(2_000_000);
        List<String> ids = new ArrayList<>();
        String cursor = null;
        do {
            AlertPage page = rig.alerts.past(alert -> true, cursor, 300);
            page.alerts().forEach(alert -> ids.add(alert.id()));
            cursor = page.next();
        } while (cursor != null);
        assertThat(ids)
                .doesNotHaveDuplicates()
                .hasSize(AlertStore.MOST_PAST)
                .first()
                .isEqualTo("a-44.99");

        for (int i = 0; i < AlertStore.MOST_RULES; i++) {
            assertThat(rig.redis.await(store.rule("r" + i, null, RuleText.write(threads()))))
                    .isEqualTo(AlertStore.Written.DONE);
        }
        assertThatThrownBy(() -> rig.alerts.put(null, waiting()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("200");
        for (int i = 0; i < AlertStore.MOST_MARKS; i++) {
            rig.redis.await(store.mark("s:x" + i, "1", i < 10 ? 1 : Long.MAX_VALUE / 1_000));
        }
        assertThat(rig.redis.await(store.mark("s:y", "1", at * 2))).isEqualTo(AlertStore.Written.DONE);
        assertThat(rig.command("HLEN", "pk:alert:{all}:marks")).containsExactly(1_991L);
        for (int i = 0; i < 9; i++) {
            rig.redis.await(store.mark("s:z" + i, "1", at * 2));
        }
        assertThat(rig.redis.await(store.mark("s:w", "1", at * 2))).isEqualTo(AlertStore.Written.TOO_MANY);
    }

    @Test
    void changesARuleOnlyIfItIsStillAsItWasSeen() {
        AlertsRig here = process("p0", Duration.ofMinutes(10));
        AlertsRig there = process("p1", Duration.ofMinutes(10));
        AlertRule brought = here.alerts.rule("queue-oldest").orElseThrow();
        AlertRule off = AlertRule.draft("queue-oldest", brought.metric(), brought.operator(), 7)
                .enabled(false)
                .rule();
        assertThat(here.alerts.put(brought, off)).isTrue();
        assertThat(there.alerts.rule("queue-oldest")).contains(off);
        assertThat(there.alerts.put(brought, waiting()))
                .as("seen under another id")
                .isFalse();
        assertThat(there.alerts.put(brought, off))
                .as("somebody else was there first")
                .isFalse();
        assertThat(there.alerts.status("queue-oldest").orElseThrow()).satisfies(status -> {
            assertThat(status.origin()).isEqualTo(RuleStatus.Origin.CHANGED);
            assertThat(status.metrics()).isEmpty();
        });
        assertThat(there.alerts.delete(off)).isTrue();
        assertThat(here.alerts.rule("queue-oldest")).contains(brought);
        assertThatThrownBy(() -> here.alerts.delete(brought)).hasMessageContaining("set enabled to false");
        assertThat(here.command("HLEN", "pk:alert:{all}:rules")).containsExactly(0L);
        assertThat(here.alerts.channels("queue-oldest")).isEmpty();
        here.command("HSET", "pk:alert:{all}:rules", "broken", "metric=");
        assertThat(here.alerts.rules()).hasSize(DefaultRules.BY_ID.size());
    }

    @Test
    void saysWhoLooksAtWhatIsOfAll() {
        AlertsRig here = process("p0", QUICK);
        AlertsRig there = process("p1", QUICK);
        here.alerts.put(null, waiting());
        set(WAITING, 11);
        AlertsRig leader = leader();
        await().until(() -> told(WAITING).size() == 1);
        for (AlertsRig rig : List.of(here, there)) {
            await().untilAsserted(() -> {
                RuleStatus status = rig.alerts.status("mail").orElseThrow();
                assertThat(status.evaluatedBy()).isEqualTo(leader.alerts.process());
                assertThat(status.evaluatedAt()).isNotNull();
                assertThat(status.metrics()).singleElement().satisfies(line -> {
                    assertThat(line.state()).isEqualTo(AlertState.FIRING);
                    assertThat(line.value()).isEqualTo(11);
                    assertThat(line.reason()).isEqualTo("queue.mail.waiting is 11, above 10");
                });
            });
        }
        assertThat(here.alerts.status("nothing")).isEmpty();
    }

    @Test
    void leavesWhatIsOfAllToThoseWhoMeasureIt() {
        AlertsRig blind = process("p0", QUICK);
        AlertsRig seeing = process("p1", QUICK);
        leader().gauges.remove(WAITING);
        seeing.gauges.set(WAITING, 0);
        blind.gauges.remove(WAITING);
        await().until(seeing::leads);
    }

    @Test
    void outlivesATellerThatThrows() {
        AlertsRig rig = process("p0", QUICK);
        rig.refuse = true;
        rig.alerts.put(null, threads());
        set(THREADS, 101);
        await().until(() -> rig.alerts
                .alert(Board.id("threads", THREADS, "p0"))
                .filter(Alert::told)
                .isPresent());
        set(THREADS, 0);
        await().until(() -> rig.alerts.past(alert -> true, null, 5).alerts().size() == 1);
        assertThat(rig.told).isEmpty();
    }
}
