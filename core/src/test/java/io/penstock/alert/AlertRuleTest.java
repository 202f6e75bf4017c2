package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.alert.AlertRule.Absent;
import io.penstock.alert.AlertRule.Measure;
import io.penstock.alert.AlertRule.Operator;
import io.penstock.notice.Severity;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AlertRuleTest {
    private static AlertRule rule(UnaryOperator<RuleDraft> how) {
        return how.apply(AlertRule.draft("r", "memory.level", Operator.ABOVE, 10))
                .rule();
    }

    private static void refuses(UnaryOperator<RuleDraft> how, String what, String legal) {
        assertThatThrownBy(() -> rule(how))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(what, legal, "nothing was changed", "correct it");
    }

    @Test
    void takesTheEdgesAndRefusesWhatIsBeyond() {
        rule(d -> d.hold(Duration.ZERO).cooldown(Duration.ZERO).mostPerHour(1).clear(-1e15));
        rule(d -> d.hold(Duration.ofHours(24)).cooldown(Duration.ofDays(7)).mostPerHour(60));
        refuses(d -> d.hold(Duration.ofHours(24).plusMillis(1)), "for of rule r", "PT0S to PT24H");
        refuses(d -> d.hold(Duration.ofMillis(-1)), "for of rule r", "PT0S to PT24H");
        refuses(d -> d.cooldown(Duration.ofDays(8)), "cooldown of rule r", "PT0S to PT168H");
        refuses(d -> d.mostPerHour(0), "mostPerHour of rule r is 0", "1 to 60");
        refuses(d -> d.mostPerHour(61), "mostPerHour of rule r is 61", "1 to 60");
        refuses(d -> d.clear(10.5), "clear of rule r is 10.5", "at most the threshold, 10.0");
        refuses(d -> d.clear(Double.NaN), "clear of rule r", "at most the threshold");
        refuses(d -> d.channels(Collections.nCopies(17, "c")), "channels of rule r is 17", "at most 16");
        refuses(d -> d.tags(Map.of("t", "x".repeat(201))), "tag t of rule r is 201", "at most 200");
        refuses(d -> d.tags(Map.of("t", "a\nb")), "tag t of rule r", "none of control");
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 17; i++) {
            many.put("t" + i, "");
        }
        refuses(d -> d.tags(many), "tags of rule r is 17", "at most 16");
        for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e16, -1e16}) {
            assertThatThrownBy(() ->
                            AlertRule.draft("r", "a", Operator.ABOVE, number).rule())
                    .hasMessageContaining("-1e15 to 1e15");
        }
        assertThatThrownBy(() -> AlertRule.draft("a b", "a", Operator.ABOVE, 1).rule())
                .hasMessageContaining("a b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "*", "queue.*", "queue.*.", "queue.*.*.millis", "memory.*", "a b", "queue.a*.x", "a\u0000"})
    void refusesWhatIsNoMetric(String metric) {
        assertThatThrownBy(() -> AlertRule.draft("r", metric, Operator.ABOVE, 1).rule())
                .hasMessageContaining("metric of rule r");
    }

    @ParameterizedTest
    @CsvSource({
        "queue.*.waiting,queue.mail.waiting,true",
        "queue.*.waiting,queue.a.b.waiting,true",
        "queue.*.waiting,queue..waiting,false",
        "queue.*.waiting,queue.waiting,false",
        "queue.*.waiting,queue.mail.waiting.x,false",
        "queue.*.oldest.millis,queue.mail.oldest.millis,true",
        "queue.*.oldest.millis,queue.oldest.millis,false",
        "queue.mail.waiting,queue.mail.waiting,true",
        "queue.mail.waiting,queue.post.waiting,false",
    })
    void knowsWhatItIsAbout(String metric, String name, boolean yes) {
        assertThat(AlertRule.draft("r", metric, Operator.ABOVE, 1).rule().matches(name))
                .isEqualTo(yes);
    }

    @ParameterizedTest
    @CsvSource({
        "queue.mail.waiting,true",
        "redis.latency.p99.millis,true",
        "redis.memory.share,true",
        "redis.pool.waiting,false",
        "redis.down,false",
        "memory.level,false",
        "process.threads,false"
    })
    void knowsWhatIsOfTheWholeRedis(String metric, boolean shared) {
        assertThat(AlertRule.shared(metric)).isEqualTo(shared);
    }

    @ParameterizedTest
    @CsvSource({
        ">,true,false,false",
        ">=,true,true,false",
        "<,false,false,true",
        "<=,false,true,true",
        "==,false,true,false",
        "!=,true,false,true"
    })
    void comparesAsItsSignSays(String sign, boolean more, boolean same, boolean less) {
        Operator operator = Operator.of(sign);
        assertThat(operator.holds(2, 1)).isEqualTo(more);
        assertThat(operator.holds(1, 1)).isEqualTo(same);
        assertThat(operator.holds(0, 1)).isEqualTo(less);
        assertThat(operator.wire()).isEqualTo(sign);
    }

    @Test
    void turnsAShareIntoALineOnTheGoodSide() {
        assertThat(AlertRule.clearAt(Operator.ABOVE, 100, 0.2)).isEqualTo(80);
        assertThat(AlertRule.clearAt(Operator.ABOVE, -100, 0.2)).isEqualTo(-120);
        assertThat(AlertRule.clearAt(Operator.BELOW, 100, 0.2)).isEqualTo(120);
        assertThat(AlertRule.clearAt(Operator.EQUAL, 100, 0)).isEqualTo(100);
        assertThatThrownBy(() -> AlertRule.clearAt(Operator.ABOVE, 1, 0.91)).hasMessageContaining("0 to 0.9");
        assertThatThrownBy(() -> AlertRule.clearAt(Operator.EQUAL, 1, 0.1)).hasMessageContaining("0 for ==");
        assertThatThrownBy(() -> Operator.of("=>")).hasMessageContaining("> >= < <= == !=");
    }

    @Test
    void readsWhatItWrote() {
        AlertRule rule = AlertRule.draft("r.1", "queue.*.failed", Operator.AT_MOST, -1.5e-3)
                .measure(Measure.RISE)
                .hold(Duration.ofMillis(1_234))
                .severity(Severity.CRITICAL)
                .cooldown(Duration.ofDays(1))
                .mostPerHour(7)
                .clear(2)
                .absent(Absent.FIRE)
                .tags(Map.of("team", "a=b; \u4e2d\u6587", "z", ""))
                .enabled(false)
                .channels(List.of("mail", "hook.2"))
                .rule();
        assertThat(RuleText.read("r.1", RuleText.write(rule) + "later=x\nno line\n"))
                .isEqualTo(rule);
        assertThat(DefaultRules.BY_ID.values())
                .allSatisfy(one ->
                        assertThat(RuleText.read(one.id(), RuleText.write(one))).isEqualTo(one));
        assertThatThrownBy(() -> RuleText.read("r", "metric=a\n")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RuleText.read("r", RuleText.write(rule).replace("for=1234", "for=x")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
