package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.alert.AlertRule.Absent;
import io.penstock.alert.AlertRule.Measure;
import io.penstock.alert.AlertRule.Operator;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every feature of a rule by a time that the test turns; Redis is a list of what it was told. */
final class BoardTest {
    private static final long PERIOD = 10_000;
    private static final String METRIC = "process.threads";

    private final Gauges gauges = new Gauges();
    private final Board board = new Board("here", new Readout(gauges, () -> true));
    private final List<String> told = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private final Map<String, Stored> kept = new TreeMap<>();
    private final List<Stored> past = new ArrayList<>();
    private long now = 1_767_225_600_000L;

    private static RuleDraft draft() {
        return AlertRule.draft("r", METRIC, Operator.ABOVE, 100)
                .cooldown(Duration.ZERO)
                .mostPerHour(60);
    }

    private void rules(AlertRule... rules) {
        Map<String, AlertRule> all = new TreeMap<>();
        for (AlertRule rule : rules) {
            all.put(rule.id(), rule);
        }
        board.rules(all);
    }

    private void tell(List<Notice> news) {
        news.forEach(one -> told.add(one.state()));
        notices.addAll(news);
    }

    /** A look as the patrol makes it. */
    private void look(boolean leads) {
        board.evaluate(now, PERIOD, leads);
        tell(board.news());
        for (List<Board.Change> changes = board.changes(now, leads);
                !changes.isEmpty();
                changes = board.changes(now, leads)) {
            for (Board.Change change : changes) {
                if (change.text() == null) {
                    kept.remove(change.watch().id);
                } else {
                    kept.put(change.watch().id, Stored.read(change.text()));
                }
                if (change.past() != null) {
                    past.add(change.past());
                }
            }
            tell(board.saved(changes, leads, now));
        }
    }

    /** Looks once a period with this value for so long. */
    private void looks(double value, Duration span) {
        for (long end = now + span.toMillis(); now < end; now += PERIOD) {
            gauges.set(METRIC, value);
            look(true);
        }
    }

    private void looks(double value) {
        looks(value, Duration.ofMillis(PERIOD));
    }

    private AlertState state() {
        return new AlertView(board.rules(), board.marks(), now)
                .of(board.standing().get(Board.id("r", METRIC, "here")))
                .state();
    }

    @Test
    void tellsOnceThatItBeginsAndOnceThatItEnds() {
        rules(draft().severity(Severity.ERROR).tags(Map.of("team", "ops")).rule());
        looks(100);
        assertThat(told).isEmpty();
        looks(101, Duration.ofMinutes(10));
        assertThat(told).containsExactly("firing");
        looks(99, Duration.ofMinutes(10));
        assertThat(told).containsExactly("firing", "resolved");
        Notice begin = notices.get(0);
        Notice end = notices.get(1);
        assertThat(begin.alert()).isEqualTo(end.alert()).startsWith("r-");
        assertThat(begin.since()).isEqualTo(end.since());
        assertThat(begin.severity()).isEqualTo(Severity.ERROR);
        assertThat(begin.tags()).containsEntry("team", "ops");
        assertThat(begin.summary()).isEqualTo("process.threads is 101, above 100 (process here)");
        assertThat(end.summary()).contains("is over after 10m: 99 is not above 100");
        assertThat(past).singleElement().satisfies(one -> {
            assertThat(one.begun()).isTrue();
            assertThat(one.resolvedMillis() - one.firedMillis()).isEqualTo(600_000);
        });
    }

    @Test
    void waitsForAsLongAsTheRuleSays() {
        rules(draft().hold(Duration.ofMinutes(5)).rule());
        looks(101, Duration.ofMinutes(5));
        assertThat(state()).isEqualTo(AlertState.PENDING);
        assertThat(told).isEmpty();
        looks(99);
        looks(101, Duration.ofMinutes(5));
        assertThat(told).as("it began anew").isEmpty();
        looks(101);
        assertThat(told).containsExactly("firing");
        assertThat(state()).isEqualTo(AlertState.FIRING);
    }

    @Test
    void doesNotCountTimeInWhichNobodyLooked() {
        rules(draft().hold(Duration.ofMinutes(5)).rule());
        looks(101);
        now += Duration.ofHours(8).toMillis();
        looks(101);
        assertThat(told).isEmpty();
        looks(101, Duration.ofMinutes(5));
        assertThat(told).containsExactly("firing");
    }

    @Test
    void bearsAClockThatIsMovedEitherWay() {
        rules(draft().hold(Duration.ofMinutes(5))
                .cooldown(Duration.ofMinutes(10))
                .rule());
        for (long by : new long[] {3_600_000, -7_200_000}) {
            told.clear();
            looks(101, Duration.ofMinutes(3));
            now += by;
            board.shift(by);
            looks(101, Duration.ofMinutes(2));
            assertThat(told).isEmpty();
            looks(101);
            assertThat(told).containsExactly("firing");
            looks(99);
            looks(101, Duration.ofMinutes(5));
            now += by;
            board.shift(by);
            looks(101, Duration.ofMinutes(4));
            assertThat(told).as("cooldown goes on over the jump").containsExactly("firing", "resolved");
            looks(101, Duration.ofMinutes(2));
            assertThat(told).containsExactly("firing", "resolved", "firing");
            looks(0, Duration.ofHours(2));
        }
    }

    @Test
    void endsOnlyOnceTheValueIsBackOverTheClearLine() {
        rules(draft().clear(80).rule());
        looks(101);
        for (int i = 0; i < 100; i++) {
            looks(i % 2 == 0 ? 81 : 105);
        }
        assertThat(told).containsExactly("firing");
        looks(80);
        assertThat(told).containsExactly("firing", "resolved");
        looks(100);
        assertThat(told).hasSize(2);
    }

    @Test
    void doesNotFireAgainBeforeTheCooldownIsOver() {
        rules(draft().cooldown(Duration.ofMinutes(10)).rule());
        looks(101);
        looks(0);
        told.clear();
        looks(101, Duration.ofMinutes(10).minusMillis(PERIOD));
        assertThat(told).isEmpty();
        assertThat(state()).isEqualTo(AlertState.PENDING);
        looks(101);
        assertThat(told).containsExactly("firing");
    }

    @Test
    void firesNoMoreOftenInAnyHourThanTheRuleAllows() {
        rules(draft().mostPerHour(3).rule());
        List<Long> fired = new ArrayList<>();
        for (int i = 0; i < 6 * 60 * 6; i++) { // six hours of flapping at each look
            int before = told.size();
            looks(i % 2 == 0 ? 101 : 0);
            if (told.size() > before && told.get(before).equals("firing")) {
                fired.add(now);
            }
        }
        for (int i = 3; i < fired.size(); i++) {
            assertThat(fired.get(i) - fired.get(i - 3)).isGreaterThanOrEqualTo(3_600_000);
        }
        assertThat(fired).hasSize(18);
        assertThat(told).hasSize(36);
    }

    @ParameterizedTest
    @EnumSource(Absent.class)
    void takesAMissingValueForWhatTheRuleSays(Absent absent) {
        rules(draft().absent(absent).hold(Duration.ofSeconds(30)).rule());
        looks(101, Duration.ofSeconds(20));
        looks(Double.NaN, Duration.ofMinutes(2));
        assertThat(told).isEqualTo(absent == Absent.FIRE ? List.of("firing") : List.of());
        told.clear();
        looks(101, Duration.ofMinutes(1));
        looks(Double.NaN, Duration.ofMinutes(50));
        switch (absent) {
            case IGNORE -> assertThat(told).containsExactly("firing");
            case FIRE -> assertThat(told).isEmpty();
            case RESOLVE -> assertThat(told).containsExactly("firing", "resolved");
        }
    }

    @Test
    void ignoresAMissingValueNeitherForNorAgainst() {
        rules(draft().hold(Duration.ofSeconds(60)).rule());
        looks(101, Duration.ofSeconds(30));
        looks(Double.NaN, Duration.ofMinutes(30));
        looks(101, Duration.ofSeconds(20));
        assertThat(told).isEmpty();
        looks(101, Duration.ofSeconds(30));
        assertThat(told).containsExactly("firing");
    }

    @Test
    void endsAnAlertOfWhichNothingIsHeardForAnHour() {
        rules(draft().rule());
        looks(101);
        looks(Double.NaN, Duration.ofMinutes(59));
        assertThat(told).containsExactly("firing");
        looks(Double.NaN, Duration.ofMinutes(2));
        assertThat(told).containsExactly("firing", "resolved");
        assertThat(past.get(0).reason()).isEqualTo("nothing was measured for an hour");
    }

    @Test
    void firesForAMetricThatNeverWas() {
        rules(draft().absent(Absent.FIRE).rule());
        look(true);
        assertThat(told).containsExactly("firing");
        assertThat(notices.get(0).value()).isNaN();
    }

    @Test
    void staysQuietWhileSilencedAndTellsAfterwardsWhatStillFires() {
        rules(draft().rule());
        String id = Board.id("r", METRIC, "here");
        board.marks(new Marks(Map.of(), Map.of(id, now + 60_000)));
        looks(101, Duration.ofSeconds(60));
        assertThat(told).isEmpty();
        looks(101);
        assertThat(told).containsExactly("firing");
        board.marks(new Marks(Map.of(), Map.of(id, now + 60_000)));
        assertThat(state()).isEqualTo(AlertState.SILENCED);
        looks(0);
        assertThat(told).as("who heard of its beginning hears of its end").containsExactly("firing", "resolved");
        looks(101, Duration.ofSeconds(20));
        looks(0, Duration.ofMinutes(5));
        assertThat(told).as("what began and ended in silence was never told").hasSize(2);
        assertThat(past).hasSize(2);
    }

    @Test
    void isAcknowledgedUntilItFiresAnew() {
        rules(draft().rule());
        looks(101);
        String id = Board.id("r", METRIC, "here");
        long fired = board.standing().get(id).firedMillis();
        board.marks(new Marks(Map.of(id, new Marks.Ack(fired, now)), Map.of()));
        assertThat(state()).isEqualTo(AlertState.ACKNOWLEDGED);
        looks(0);
        assertThat(state()).isEqualTo(AlertState.RESOLVED);
        looks(101);
        assertThat(state()).isEqualTo(AlertState.FIRING);
        assertThat(told).containsExactly("firing", "resolved", "firing");
    }

    @Test
    void firesOnARiseAndEndsTenMinutesAfterTheLast() {
        rules(draft().measure(Measure.RISE).rule());
        looks(5_000, Duration.ofMinutes(20));
        assertThat(told).isEmpty();
        looks(5_101);
        assertThat(told).containsExactly("firing");
        assertThat(notices.get(0).summary()).contains("rose by 101 in ten minutes, above 100");
        looks(5_101, Duration.ofMinutes(12));
        assertThat(told).containsExactly("firing", "resolved");
    }

    @Test
    void endsWhenItsRuleIsDisabledDeletedOrAboutSomethingElse() {
        for (List<AlertRule> other : List.of(
                List.of(draft().enabled(false).rule()),
                List.<AlertRule>of(),
                List.of(AlertRule.draft("r", "process.pause.millis", Operator.ABOVE, 1)
                        .rule()))) {
            rules(draft().rule());
            looks(101);
            rules(other.toArray(AlertRule[]::new));
            looks(101);
            assertThat(told).containsExactly("firing", "resolved");
            told.clear();
            now += Duration.ofHours(2).toMillis();
            look(true);
            look(true);
            assertThat(kept).isEmpty();
        }
    }

    @Test
    void watchesEveryQueueForItself() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10)
                .cooldown(Duration.ZERO)
                .rule());
        gauges.set("queue.a.waiting", 11).set("queue.b.c.waiting", 5).set("queue.d.active", 99);
        look(true);
        assertThat(notices).extracting(Notice::metric).containsExactly("queue.a.waiting");
        assertThat(notices.get(0).summary()).doesNotContain("process");
        gauges.set("queue.b.c.waiting", 50);
        now += PERIOD;
        look(true);
        assertThat(notices).extracting(Notice::metric).containsExactly("queue.a.waiting", "queue.b.c.waiting");
        assertThat(kept).hasSize(2);
        gauges.remove("queue.a.waiting"); // deleted
        now += PERIOD;
        look(true);
        now += Duration.ofMinutes(61).toMillis();
        look(true);
        assertThat(notices).hasSize(3).last().satisfies(end -> {
            assertThat(end.state()).isEqualTo("resolved");
            assertThat(end.metric()).isEqualTo("queue.a.waiting");
        });
    }

    @Test
    void leavesWhatIsOfAllToTheOneThatLeads() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10).rule(), draft().rule());
        gauges.set("queue.a.waiting", 11).set(METRIC, 101);
        look(false);
        assertThat(notices).extracting(Notice::metric).containsExactly(METRIC);
        look(true);
        assertThat(notices).hasSize(2);
        board.forgetShared();
        look(false);
        assertThat(board.standing()).hasSize(1);
    }

    @Test
    void goesOnWhereAnotherProcessEnded() {
        AlertRule rule = AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10)
                .hold(Duration.ofMinutes(5))
                .rule();
        rules(rule);
        gauges.set("queue.a.waiting", 11);
        for (int i = 0; i < 12; i++) { // two of the five minutes
            look(true);
            now += PERIOD;
        }
        Board next = new Board("there", new Readout(gauges, () -> true));
        next.rules(Map.of("q", rule));
        next.restore(List.copyOf(kept.values()), "", now - PERIOD);
        List<Notice> news = new ArrayList<>();
        for (int i = 0; i <= 18; i++) {
            next.evaluate(now, PERIOD, true);
            news.addAll(next.saved(next.changes(now, true), true, now));
            assertThat(news).as("look " + i).hasSize(i < 18 ? 0 : 1);
            now += PERIOD;
        }
    }

    @Test
    void tellsWhatOneThatDiedHadWrittenButNotTold() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10).rule());
        gauges.set("queue.a.waiting", 11);
        board.evaluate(now, PERIOD, true);
        List<Stored> written = board.changes(now, true).stream()
                .map(change -> Stored.read(change.text()))
                .toList();
        Board next = new Board("there", new Readout(gauges, () -> true));
        next.rules(board.rules());
        next.restore(written, "", now);
        next.evaluate(now + PERIOD, PERIOD, true);
        assertThat(next.news()).isEmpty();
        assertThat(next.saved(next.changes(now, true), true, now)).hasSize(1);
        assertThat(next.saved(next.changes(now, true), true, now)).isEmpty();
        assertThat(next.changes(now, true)).isEmpty();
    }

    @Test
    void tellsNothingOfAllThatWasNotWritten() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10).rule());
        gauges.set("queue.a.waiting", 11);
        board.evaluate(now, PERIOD, true);
        assertThat(board.saved(board.changes(now, true), false, now)).isEmpty();
        List<Board.Change> changes = board.changes(now, true);
        board.forgetShared();
        assertThat(board.saved(changes, true, now)).as("somebody else leads").isEmpty();
    }

    @Test
    void buriesWhatAProcessHasLeftThatIsGone() {
        Stored left = new Stored(
                "m-1",
                "m",
                "memory.level",
                "dead",
                Stored.Phase.FIRING,
                now,
                now,
                0,
                true,
                false,
                4,
                3,
                Severity.CRITICAL,
                "memory.level is 4",
                List.of(now));
        Stored living = new Stored(
                "m-2",
                "m",
                "memory.level",
                "alive",
                Stored.Phase.FIRING,
                now,
                now,
                0,
                true,
                false,
                4,
                3,
                Severity.CRITICAL,
                "memory.level is 4",
                List.of(now));
        kept.put(left.id(), left);
        kept.put(living.id(), living);
        rules();
        for (int i = 0; i < 3; i++) {
            board.bury(List.copyOf(kept.values()), Set.of("alive", "here"), now);
            look(true);
        }
        assertThat(notices).singleElement().satisfies(end -> {
            assertThat(end.state()).isEqualTo("resolved");
            assertThat(end.summary()).contains("process dead is gone");
        });
        assertThat(kept).containsOnlyKeys("m-2");
        assertThat(past).singleElement().extracting(Stored::id).isEqualTo("m-1");
    }

    @Test
    void keepsWithinItsBounds() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10).rule());
        for (int i = 0; i < Board.MOST_WATCHES + 100; i++) {
            gauges.set("queue.q" + i + ".waiting", 11);
        }
        look(true);
        assertThat(board.standing()).hasSize(Board.MOST_WATCHES);
        assertThat(board.unwatched()).isEqualTo(100);
        assertThat(told).hasSize(Board.MOST_ALERTS);
        for (int i = 0; i < Board.MOST_WATCHES + 100; i++) {
            gauges.set("queue.q" + i + ".waiting", 0);
        }
        now += PERIOD;
        look(true);
        assertThat(told).hasSize(2 * Board.MOST_ALERTS);
    }

    @Test
    void letsGoOfWhatIsOver() {
        rules(AlertRule.draft("q", "queue.*.waiting", Operator.ABOVE, 10)
                .cooldown(Duration.ofMinutes(10))
                .rule());
        gauges.set("queue.a.waiting", 11);
        look(true);
        gauges.set("queue.a.waiting", 0);
        now += PERIOD;
        look(true);
        assertThat(kept).as("its cooldown and its times of firing").hasSize(1);
        gauges.remove("queue.a.waiting");
        now += Duration.ofMinutes(61).toMillis();
        look(true);
        look(true);
        assertThat(kept).isEmpty();
        assertThat(board.standing()).isEmpty();
    }

    @Test
    void saysWhyItFiresOrDoesNot() {
        AlertRule rule = draft().hold(Duration.ofMinutes(5))
                .cooldown(Duration.ofMinutes(10))
                .mostPerHour(2)
                .rule();
        rules(rule);
        looks(50);
        assertThat(reason(rule)).isEqualTo("50 is not above 100");
        looks(101, Duration.ofMinutes(2));
        assertThat(reason(rule)).startsWith("it was so for 2m of 5m");
        looks(101, Duration.ofMinutes(4));
        assertThat(reason(rule)).isEqualTo("process.threads is 101, above 100 for 5m");
        looks(0);
        assertThat(reason(rule)).startsWith("0 is not above 100; not before ");
        looks(101, Duration.ofMinutes(6));
        assertThat(reason(rule)).startsWith("it ended 6m 10s ago and its cooldown is 10m");
        looks(101, Duration.ofMinutes(5));
        looks(0, Duration.ofMinutes(10));
        looks(101, Duration.ofMinutes(6));
        assertThat(reason(rule)).isEqualTo("it fired 2 times in the last hour, the most is 2");
    }

    private String reason(AlertRule rule) {
        return new AlertView(board.rules(), board.marks(), now)
                .line(
                        rule,
                        METRIC,
                        "here",
                        board.value(rule, METRIC),
                        board.standing().get(Board.id("r", METRIC, "here")))
                .reason();
    }
}
