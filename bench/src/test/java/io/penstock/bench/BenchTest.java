package io.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Payload;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchTest {
    private int code;

    private String run(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        code = Bench.run(args, out);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void printsEveryLineWithANumber() {
        String table;
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            table = run("--quick", "--jobs", "1000", "--rounds", "1", "--large", "2000", "--redis", redis.uri());
        }
        assertThat(code).isZero();
        assertThat(table).doesNotContain("NaN", "Infinity").contains("BullMQ");
        assertThat(table.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        for (Line line : Line.values()) {
            boolean possible = line.group != Line.Group.IO || Facts.virtualThreads();
            assertThat(table.lines().anyMatch(text -> text.startsWith(line.label)))
                    .as(line.name())
                    .isEqualTo(possible);
        }
    }

    @Test
    void printsOneJsonObject() {
        String json = run("--json", "--only", "floor,connections", "--jobs", "500", "--rounds", "1");
        Map<?, ?> all = Payload.decode(json.getBytes(StandardCharsets.UTF_8), Map.class);
        Map<Object, Map<?, ?>> lines = new HashMap<>();
        ((List<?>) all.get("lines")).forEach(line -> lines.put(((Map<?, ?>) line).get("line"), (Map<?, ?>) line));
        assertThat(lines).containsKeys("floor.cycle", "connections.3x5").doesNotContainKey("cycle");
        assertThat(lines.get("connections.3x5").get("off").toString()).contains("target=3.0", "pass=true");
    }

    @Test
    void measuresNothingForOptionsItDoesNotKnow() {
        for (String args : List.of("--jbos 5", "--jobs", "--jobs 1", "--jobs many", "--only speed")) {
            assertThat(run(args.split(" "))).as(args).isEmpty();
            assertThat(code).as(args).isEqualTo(2);
        }
    }

    @Test
    void takesTheMiddleOfTheRoundsThatCount() {
        Results results = new Results();
        results.counting(false);
        results.add(Line.CYCLE, Line.Column.OFF, 1);
        results.counting(true);
        Arrays.asList(30.0, 10.0, 20.0, Double.NaN).forEach(n -> results.add(Line.CYCLE, Line.Column.OFF, n));
        assertThat(results.of(Line.CYCLE, Line.Column.OFF)).contains(new Results.Summary(20, 10, 30, 3));
        assertThat(results.of(Line.CYCLE, Line.Column.EVERYSEC)).isEmpty();
    }

    @Test
    void knowsWhatMissesItsTarget() {
        assertThat(Line.CYCLE.reaches(150_000, Line.Column.OFF)).isTrue();
        assertThat(Line.CYCLE.reaches(149_999, Line.Column.OFF)).isFalse();
        assertThat(Line.CYCLE.reaches(100_000, Line.Column.EVERYSEC)).isTrue();
        assertThat(Line.CYCLE_REDIS.reaches(4.6, Line.Column.OFF)).isFalse();
        assertThat(Line.WORKER.reaches(1, Line.Column.OFF)).isTrue();
    }

    @Test
    void writesNumbersInAFewDigits() {
        assertThat(Table.number(999_499, Line.Unit.RATE)).isEqualTo("999k");
        assertThat(Table.number(1_234_567, Line.Unit.RATE)).isEqualTo("1.23M");
        assertThat(Table.number(99_400, Line.Unit.RATE)).isEqualTo("99.4k");
        assertThat(Table.number(4.567, Line.Unit.MICROS)).isEqualTo("4.57");
        assertThat(Table.number(218.5, Line.Unit.BYTES)).isEqualTo("219");
        assertThat(Table.number(2, Line.Unit.COUNT)).isEqualTo("2");
    }
}
