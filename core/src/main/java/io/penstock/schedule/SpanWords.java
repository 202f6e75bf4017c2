package io.penstock.schedule;

import java.time.Duration;

/** Says a span of time in words. */
final class SpanWords {
    private static final String[][] UNITS = {
        {"day", "天"}, {"hour", "小时"}, {"minute", "分钟"}, {"second", "秒"}, {"millisecond", "毫秒"}
    };

    private SpanWords() {}

    static String of(Duration span, boolean zh) {
        long[] numbers = {
            span.toDaysPart(), span.toHoursPart(), span.toMinutesPart(), span.toSecondsPart(), span.toMillisPart()
        };
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < numbers.length; i++) {
            long number = numbers[i];
            if (number != 0) {
                words.append(words.isEmpty() ? "" : " ").append(number).append(' ');
                words.append(zh ? UNITS[i][1] : UNITS[i][0] + (number == 1 ? "" : "s"));
            }
        }
        return words.toString();
    }
}
