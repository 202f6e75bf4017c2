package io.penstock.bench.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.bench.survival.Trial.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 200 hungry jobs at once in a heap of 64 MB: the process lives and every job is done. */
class SurvivalTest {
    @ParameterizedTest
    @EnumSource(names = {"AMP6", "ADDRESS"})
    void livesAndDoesEveryJob(Shape shape) throws Exception {
        Trial trial = new Trial(Rule.LINE, 200, shape, Duration.ofSeconds(3), 0);

        Result result = trial.run(List.of("-Xmx64m", "-XX:+UseG1GC"));

        assertThat(result.died()).as(result.stats()).isFalse();
        assertThat(result.lost()).as(result.stats()).isZero();
        assertThat(result.perSecond()).as(result.stats()).isGreaterThan(1);
    }
}
