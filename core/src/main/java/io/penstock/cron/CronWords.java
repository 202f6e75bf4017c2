package io.penstock.cron;

import io.penstock.cron.CronField.Special;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says a cron expression in words, in one language.
 *
 * <p>By its meaning, not its letters: {@code 0,15,30,45} and a step of 15 are told alike.
 */
final class CronWords {
    private static final String[] EN_MONTHS = {
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December"
    };
    private static final String[] EN_DAYS = {
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"
    };
    private static final String[] EN_NTH = {"first", "second", "third", "fourth", "fifth"};
    private static final String[] ZH_DAYS = {"周日", "周一", "周二", "周三", "周四", "周五", "周六"};
    private static final String[] ZH_NTH = {"一", "二", "三", "四", "五"};

    /** Times of day that are listed one by one. */
    private static final int MOST_TIMES = 6;

    private static final CronWords EN = new CronWords(false);
    private static final CronWords ZH = new CronWords(true);

    private final boolean zh;

    private CronWords(boolean zh) {
        this.zh = zh;
    }

    static CronWords of(Locale locale) {
        return locale.getLanguage().equals("zh") ? ZH : EN;
    }

    String describe(Cron cron) {
        String time = time(cron);
        String days = days(cron);
        String months = Long.bitCount(cron.month.bits()) == 12 ? "" : months(cron.month);
        boolean daily = days.isEmpty() && timesOfDay(cron);
        return zh
                ? (months.isEmpty() ? "" : months + "，") + (daily ? "每天 " : days.isEmpty() ? "" : days + " ") + time
                : time + (daily ? " every day" : days) + (months.isEmpty() ? "" : " in " + months);
    }

    /** Whether it fits at so few times of a day that they are listed. */
    private static boolean timesOfDay(Cron cron) {
        return Long.bitCount(cron.second.bits()) == 1
                && Long.bitCount(cron.hour.bits()) * Long.bitCount(cron.minute.bits()) <= MOST_TIMES;
    }

    private String time(Cron cron) {
        List<Integer> hours = values(cron.hour, 0, 23);
        List<Integer> minutes = values(cron.minute, 0, 59);
        List<Integer> seconds = values(cron.second, 0, 59);
        boolean whole = seconds.equals(List.of(0));
        if (timesOfDay(cron)) {
            List<String> times = new ArrayList<>();
            for (int hour : hours) {
                for (int minute : minutes) {
                    times.add(clock(hour, minute) + (whole ? "" : ":" + two(seconds.get(0))));
                }
            }
            return (zh ? "" : "at ") + list(times);
        }
        String within = hours.size() == 24 ? "" : zh ? hoursZh(hours) + "的" : hoursEn(hours);
        String minuteText = steps(minutes, 60, "minute", "分钟");
        if (!whole) {
            String secondText = steps(seconds, 60, "second", "秒");
            boolean all = minutes.size() == 60;
            return zh
                    ? within + (all ? "" : minuteText + "的") + secondText
                    : secondText + (all ? "" : " of " + minuteText) + within;
        }
        if (minutes.equals(List.of(0))) {
            String hourText = steps(hours, 24, "hour", "小时");
            return hourText.startsWith("every") || hourText.startsWith("每") ? hourText : both(within, minuteText);
        }
        int step = step(hours, 24);
        if (minutes.size() == 1 && step > 0) {
            return zh
                    ? (step == 1 ? "每小时" : "每 " + step + " 小时") + "的第 " + minutes.get(0) + " 分"
                    : "every " + (step == 1 ? "hour" : step + " hours") + " at minute " + minutes.get(0);
        }
        return both(within, minuteText);
    }

    private String both(String within, String minutes) {
        return zh ? within + minutes : minutes + within;
    }

    private String hoursEn(List<Integer> hours) {
        return hours.size() > 1 && consecutive(hours)
                ? " from " + two(hours.get(0)) + ":00 to " + two(hours.get(hours.size() - 1)) + ":59"
                : " of hour " + list(hours.stream().map(String::valueOf).toList());
    }

    private String hoursZh(List<Integer> hours) {
        return hours.size() > 1 && consecutive(hours)
                ? two(hours.get(0)) + ":00 至 " + two(hours.get(hours.size() - 1)) + ":59 "
                : list(hours.stream().map(String::valueOf).toList()) + " 点";
    }

    /** Every so many, or the values. */
    private String steps(List<Integer> values, int span, String en, String zhUnit) {
        int step = step(values, span);
        if (step > 0) {
            return zh
                    ? "每" + (step == 1 ? "" : " " + step + " ") + zhUnit
                    : "every " + (step == 1 ? en : step + " " + en + "s");
        }
        String all = ranges(values);
        return zh
                ? "第 " + all + (zhUnit.equals("分钟") ? " 分" : zhUnit.equals("小时") ? " 点" : " 秒")
                : "at " + en + (values.size() == 1 ? " " : "s ") + all;
    }

    /** Returns the step if the values are all multiples of one that divides the span, else 0. */
    private static int step(List<Integer> values, int span) {
        if (values.size() < 2 || values.get(0) != 0 || span % values.size() != 0) {
            return 0;
        }
        int step = span / values.size();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != i * step) {
                return 0;
            }
        }
        return step;
    }

    private String days(Cron cron) {
        boolean anyDay = Long.bitCount(cron.day.bits()) == 31;
        boolean anyWeekday = Long.bitCount(cron.weekday.bits()) == 7;
        String byDay = anyDay ? "" : dates(cron.day);
        String byWeekday = anyWeekday ? "" : weekdays(cron.weekday);
        if (byDay.isEmpty() || byWeekday.isEmpty()) {
            String one = byDay + byWeekday;
            return one.isEmpty() || zh ? one : " on " + one;
        }
        boolean and = cron.day.star() || cron.weekday.star();
        return zh
                ? byDay + (and ? "且" : "或") + byWeekday
                : " on " + byDay + (and ? " that is a " : " or on ") + byWeekday;
    }

    private String dates(CronField field) {
        List<String> parts = new ArrayList<>();
        List<Integer> plain = values(field, 1, 31);
        if (!plain.isEmpty()) {
            parts.add(zh ? "每月 " + ranges(plain) + " 日" : "day " + ranges(plain) + " of the month");
        }
        for (Special special : field.specials()) {
            parts.add(
                    switch (special.kind()) {
                        case 'L' -> special.n() == 0 ? lastDay() : beforeLastDay(special.n());
                        case 'B' -> zh ? "每月最后一个工作日" : "the last weekday of the month";
                        default ->
                            zh
                                    ? "每月离 " + special.day() + " 日最近的工作日"
                                    : "the weekday nearest to day " + special.day() + " of the month";
                    });
        }
        return list(parts);
    }

    private String lastDay() {
        return zh ? "每月最后一天" : "the last day of the month";
    }

    private String beforeLastDay(int days) {
        return zh
                ? "每月倒数第 " + (days + 1) + " 天"
                : days + (days == 1 ? " day" : " days") + " before the last day of the month";
    }

    private String weekdays(CronField field) {
        List<String> parts = new ArrayList<>();
        List<Integer> plain = new ArrayList<>(values(field, 1, 6));
        if (field.has(0)) {
            plain.add(7); // the week is told from Monday on
        }
        if (plain.size() > 2 && consecutive(plain)) {
            parts.add(weekday(plain.get(0)) + (zh ? "至" : " to ") + weekday(plain.get(plain.size() - 1)));
        } else {
            plain.forEach(day -> parts.add(weekday(day)));
        }
        for (Special special : field.specials()) {
            parts.add(
                    special.kind() == 'F'
                            ? (zh
                                    ? "每月最后一个" + weekday(special.day())
                                    : "the last " + weekday(special.day()) + " of the month")
                            : (zh
                                    ? "每月第" + ZH_NTH[special.n() - 1] + "个" + weekday(special.day())
                                    : "the " + EN_NTH[special.n() - 1] + " " + weekday(special.day())
                                            + " of the month"));
        }
        return list(parts);
    }

    private String weekday(int day) {
        return zh ? ZH_DAYS[day % 7] : EN_DAYS[day % 7];
    }

    private String months(CronField field) {
        List<Integer> months = values(field, 1, 12);
        if (zh) {
            return ranges(months) + " 月";
        }
        return months.size() > 2 && consecutive(months)
                ? EN_MONTHS[months.get(0) - 1] + " to " + EN_MONTHS[months.get(months.size() - 1) - 1]
                : list(months.stream().map(month -> EN_MONTHS[month - 1]).toList());
    }

    private static List<Integer> values(CronField field, int least, int most) {
        List<Integer> values = new ArrayList<>();
        for (int value = least; value <= most; value++) {
            if (field.has(value)) {
                values.add(value);
            }
        }
        return values;
    }

    private static boolean consecutive(List<Integer> values) {
        return values.get(values.size() - 1) - values.get(0) == values.size() - 1;
    }

    /** Values in a row of three or more are told by their ends. */
    private String ranges(List<Integer> values) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < values.size(); ) {
            int end = i;
            while (end + 1 < values.size() && values.get(end + 1) == values.get(end) + 1) {
                end++;
            }
            if (end - i >= 2) {
                parts.add(values.get(i) + (zh ? " 至 " : " to ") + values.get(end));
                i = end + 1;
            } else {
                parts.add(String.valueOf(values.get(i++)));
            }
        }
        return list(parts);
    }

    private String list(List<String> parts) {
        if (zh) {
            return String.join("、", parts);
        }
        int last = parts.size() - 1;
        return last < 1
                ? String.join("", parts)
                : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
    }

    private static String clock(int hour, int minute) {
        return two(hour) + ":" + two(minute);
    }

    private static String two(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
