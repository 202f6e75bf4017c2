package io.penstock.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.cron.Cron.ClockChange;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {
    private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

    private static List<String> next(String cron, int count) {
        List<String> runs = new ArrayList<>();
        Instant at = NEW_YEAR;
        for (int i = 0; i < count; i++) {
            at = Cron.parse(cron).next(at, ZoneOffset.UTC, ClockChange.CLOCK);
            if (at == null) {
                break;
            }
            String text = LocalDateTime.ofInstant(at, ZoneOffset.UTC).toString();
            runs.add(text.substring(2).replaceAll("T00:00$", ""));
        }
        return runs;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 0 L * *        | 26-01-31 26-02-28 26-03-31
            0 0 L-3 * *      | 26-01-28 26-02-25 26-03-28
            0 0 LW * *       | 26-01-30 26-02-27 26-03-31
            0 0 15W,L * *    | 26-01-15 26-01-31 26-02-16 26-02-28
            0 0 1W * *       | 26-02-02 26-03-02 26-04-01
            0 0 31W * *      | 26-01-30 26-03-31 26-05-29
            0 0 28W 2 *      | 26-02-27 27-02-26 28-02-28
            0 0 * * FRIL     | 26-01-30 26-02-27 26-03-27
            0 0 * * 5L       | 26-01-30 26-02-27 26-03-27
            0 0 * * MON#2    | 26-01-12 26-02-09 26-03-09
            0 0 * * MON#5    | 26-03-30 26-06-29 26-08-31
            0 0 * * 2#1,THUL | 26-01-06 26-01-29 26-02-03
            0 0 13 * FRI     | 26-01-02 26-01-09 26-01-13 26-01-16
            0 0 */2 * MON    | 26-01-05 26-01-19 26-02-09
            0 0 ? * SUN      | 26-01-04 26-01-11
            0 0 * * 7        | 26-01-04 26-01-11
            0 0 * * 0-7      | 26-01-02 26-01-03
            0 0 * * FRI-MON  | 26-01-02 26-01-03 26-01-04 26-01-05 26-01-09
            0 0 29 2 *       | 28-02-29 32-02-29
            0 0 29 2 ?       | 28-02-29 32-02-29
            0 0 1-7 * MON/7  | 26-01-02 26-01-03 26-01-04
            0 22-2/2 * * *   | 26-01-01T02:00 26-01-01T22:00 26-01-02
            55-5/5 0 * * *   | 26-01-01T00:05 26-01-01T00:55 26-01-02
            0 0 1 jan,JUL *  | 26-07-01 27-01-01
            @monthly         | 26-02-01 26-03-01
            @Weekly          | 26-01-04 26-01-11
            59/30 * * * *    | 26-01-01T00:59 26-01-01T01:59
            30 0 0 * * *     | 26-01-01T00:00:30 26-01-02T00:00:30
            */20 59 23 31 12 ?| 26-12-31T23:59 26-12-31T23:59:20 26-12-31T23:59:40 27-12-31T23:59
            """)
    void findsTheNextRuns(String cron, String expected) {
        List<String> runs = List.of(expected.split(" "));
        assertThat(next(cron, runs.size())).isEqualTo(runs);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            60 * * * *      | minute 60 is outside 0 to 59
            * 24 * * *      | hour 24 is outside 0 to 23
            * * 0 * *       | day of the month 0 is outside 1 to 31
            * * * 13 *      | month 13 is outside 1 to 12
            * * * FOO *     | month "FOO" is no value
            * * * * 8       | day of the week 8 is outside 0 to 7
            * * * * MON#6   | 6 is outside 1 to 5
            * * * * L       | L is Saturday to some
            */0 * * * *     | minute 0 is outside 1 to 59
            */90 * * * *    | minute 90 is outside 1 to 59
            ? * * * *       | minute "?" is not legal here
            1,,2 * * * *    | minute "" is no value
            -5 * * * *      | minute "-5" is no value
            * * *           | has 3 fields
            * * * * * * *   | has 7 fields
            @reboot         | is no macro
            0 0 30 2 *      | never fires
            0 0 31 4,6,9 *  | never fires
            0 0 31W 2 *     | never fires
            0 0 * 2 MON#5,L | day of the week
            """)
    void refusesWithTheFieldTheValueAndTheRange(String cron, String why) {
        assertThatThrownBy(() -> Cron.parse(cron))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("nothing was scheduled; ")
                .hasMessageStartingWith("cron \"" + cron + "\" ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 9 * * MON-FRI      | at 09:00 on Monday to Friday                             | 周一至周五 09:00
            * * * * *            | every minute                                             | 每分钟
            */15 * * * *         | every 15 minutes                                         | 每 15 分钟
            0 * * * *            | every hour                                               | 每小时
            5 * * * *            | every hour at minute 5                                   | 每小时的第 5 分
            0 */6 * * *          | at 00:00, 06:00, 12:00 and 18:00 every day               | 每天 00:00、06:00、12:00、18:00
            */10 9-17 * * *      | every 10 minutes from 09:00 to 17:59                     | 09:00 至 17:59 的每 10 分钟
            30 2 L * *           | at 02:30 on the last day of the month                    | 每月最后一天 02:30
            0 0 LW 1,7 *         | at 00:00 on the last weekday of the month in January and July | 1、7 月，每月最后一个工作日 00:00
            0 0 15W,L * *        | at 00:00 on the weekday nearest to day 15 of the month and the last day of the month | 每月离 15 日最近的工作日、每月最后一天 00:00
            0 8 * * MON#2        | at 08:00 on the second Monday of the month               | 每月第二个周一 08:00
            0 8 * * FRIL         | at 08:00 on the last Friday of the month                 | 每月最后一个周五 08:00
            0 0 13 * FRI         | at 00:00 on day 13 of the month or on Friday             | 每月 13 日或周五 00:00
            */5 * * * * *        | every 5 seconds                                          | 每 5 秒
            30 15 10 * * ?       | at 10:15:30 every day                                    | 每天 10:15:30
            0 0 1-10 * ?         | at 00:00 on day 1 to 10 of the month                     | 每月 1 至 10 日 00:00
            0 12 L-2 * ?         | at 12:00 on 2 days before the last day of the month      | 每月倒数第 3 天 12:00
            """)
    void saysItInWords(String cron, String english, String chinese) {
        assertThat(Cron.parse(cron).describe(Locale.ENGLISH)).isEqualTo(english);
        assertThat(Cron.parse(cron).describe(Locale.SIMPLIFIED_CHINESE)).isEqualTo(chinese);
    }

    private static List<String> around(String cron, String zone, String from, ClockChange change, int count) {
        List<String> runs = new ArrayList<>();
        Instant at = Instant.parse(from);
        for (int i = 0; i < count; i++) {
            at = Cron.parse(cron).next(at, ZoneId.of(zone), change);
            runs.add(
                    at == null
                            ? "none"
                            : at.atZone(ZoneId.of(zone)).toOffsetDateTime().toString());
        }
        return runs;
    }

    @Test
    void runsATimeOfDayOnceWhenClocksAreChanged() {
        assertThat(around("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ClockChange.CLOCK, 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
        assertThat(around("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ClockChange.CLOCK, 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
        assertThat(around("0 1-3 * * *", "America/New_York", "2026-03-08T05:30:00Z", ClockChange.CLOCK, 3))
                .containsExactly("2026-03-08T01:00-05:00", "2026-03-08T03:00-04:00", "2026-03-09T01:00-04:00");
        assertThat(around("15 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", ClockChange.CLOCK, 2))
                .containsExactly("2026-09-06T01:00-03:00", "2026-09-07T00:15-03:00");
    }

    @Test
    void runsARateThroughWhenClocksAreChanged() {
        assertThat(around("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", ClockChange.ELAPSED, 3))
                .containsExactly("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00");
        assertThat(around("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", ClockChange.ELAPSED, 3))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00");
        assertThat(around("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:40:00Z", ClockChange.ELAPSED, 4))
                .containsExactly(
                        "2026-04-05T01:45+11:00",
                        "2026-04-05T01:30+10:30",
                        "2026-04-05T01:45+10:30",
                        "2026-04-05T02:00+10:30");
        assertThat(Cron.parse("*/15 * * * *").usualClockChange()).isEqualTo(ClockChange.ELAPSED);
        assertThat(Cron.parse("0 9 * * *").usualClockChange()).isEqualTo(ClockChange.CLOCK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Africa/Casablanca",
                "Asia/Tehran"
            })
    void agreesWithAWalkOverEveryMinuteOfTwoYears(String zoneName) {
        ZoneId zone = ZoneId.of(zoneName);
        for (String text : List.of("*/15 * * * *", "30 * * * *", "7 */2 * * *")) {
            Cron cron = Cron.parse(text);
            List<Instant> expected = new ArrayList<>();
            Instant end = NEW_YEAR.plus(Duration.ofDays(730));
            for (Instant at = NEW_YEAR.plusSeconds(60); at.isBefore(end); at = at.plusSeconds(60)) {
                ZonedDateTime local = at.atZone(zone);
                if (cron.minute.has(local.getMinute()) && cron.hour.has(local.getHour())) {
                    expected.add(at);
                }
            }
            List<Instant> runs = new ArrayList<>();
            for (Instant at = cron.next(NEW_YEAR, zone, ClockChange.ELAPSED);
                    at != null && at.isBefore(end);
                    at = cron.next(at, zone, ClockChange.ELAPSED)) {
                runs.add(at);
            }
            assertThat(runs).as(text + " in " + zone).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Africa/Casablanca",
                "Asia/Tehran"
            })
    void runsATimeOfDayOnEachDayOfTwoYears(String zoneName) {
        ZoneId zone = ZoneId.of(zoneName);
        for (String text : List.of("0 0 * * *", "30 0 * * *", "45 1 * * *", "30 2 * * *", "15 3 * * *")) {
            Cron cron = Cron.parse(text);
            LocalDate first = LocalDate.of(2026, 1, 1);
            Instant at = first.atStartOfDay(zone).toInstant().minusSeconds(1);
            for (int i = 0; i < 730; i++) {
                at = cron.next(at, zone, ClockChange.CLOCK);
                assertThat(at).isNotNull();
                assertThat(at.atZone(zone).toLocalDate())
                        .as(text + " in " + zone)
                        .isEqualTo(first.plusDays(i));
            }
        }
    }

    @Test
    void neverGoesBackNorStandsStill() {
        long seed = new Random().nextLong();
        System.out.println("CronTest seed " + seed);
        Random random = new Random(seed);
        List<String> zones = List.of("Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca");
        for (int i = 0; i < 300; i++) {
            String text = (random.nextBoolean() ? "*/" + (1 + random.nextInt(30)) : random.nextInt(60) + "") + " "
                    + (random.nextBoolean() ? "*" : random.nextInt(24) + "-" + random.nextInt(24)) + " "
                    + (random.nextInt(3) == 0 ? 1 + random.nextInt(28) + "" : "*") + " * "
                    + (random.nextInt(3) == 0 ? random.nextInt(8) + "" : "*");
            Cron cron = Cron.parse(text);
            ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
            ClockChange change = random.nextBoolean() ? ClockChange.CLOCK : ClockChange.ELAPSED;
            Instant at = NEW_YEAR.plusSeconds(random.nextInt(86_400 * 700));
            for (int n = 0; n < 50; n++) {
                Instant next = cron.next(at, zone, change);
                assertThat(next)
                        .as(text + " " + zone + " " + change + " after " + at)
                        .isAfter(at);
                // whatever lies between gives the same answer
                Instant between = at.plusSeconds(
                        (long) (random.nextDouble() * Duration.between(at, next).toSeconds()));
                assertThat(cron.next(between, zone, change))
                        .as(text + " " + zone + " " + change + " after " + between)
                        .isEqualTo(next);
                at = next;
            }
        }
    }

    @Test
    void leavesDaysOut() {
        SkipDays skip = SkipDays.of("2026-01-05", "--01-06", "2026-01-08/2026-01-10", "SUN");
        List<String> days = new ArrayList<>();
        Instant at = Instant.parse("2026-01-03T12:00:00Z");
        for (int i = 0; i < 3; i++) {
            at = Cron.parse("@daily").next(at, ZoneOffset.UTC, ClockChange.CLOCK, skip);
            days.add(at == null ? "none" : at.toString().substring(0, 10));
        }
        assertThat(days).containsExactly("2026-01-07", "2026-01-12", "2026-01-13");
        assertThatThrownBy(() -> SkipDays.of("Christmas"))
                .hasMessageContaining("is no day")
                .hasMessageContaining("--12-25");
        assertThatThrownBy(() -> SkipDays.of("2026-02-30")).hasMessageContaining("is no day");
        assertThatThrownBy(() -> SkipDays.of("2026-03-02/2026-03-01")).hasMessageContaining("is no day");
    }
}
