package io.penstock.server.channel;

import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Notices in words for people, made so that nothing in them is markup of the place where they are read. */
final class Wording {
    /** With the longest summary and names a notice is then at most 2,200 characters. */
    private static final int MOST_TAGS = 500;

    private Wording() {}

    /** Returns one line that says what it is about, at most this many characters. */
    static String title(List<Notice> notices, int most) {
        if (notices.size() == 1) {
            Notice one = notices.get(0);
            return cut("[" + label(one) + "] " + plain(one.rule()), most);
        }
        long ended = notices.stream().filter(Wording::ended).count();
        long firing = notices.size() - ended;
        String text = (firing > 0 ? firing + " firing" : "")
                + (firing > 0 && ended > 0 ? ", " : "")
                + (ended > 0 ? ended + " resolved" : "");
        return cut("[" + worst(notices).wire().toUpperCase(Locale.ROOT) + "] " + text, most);
    }

    /** Returns what there is to know of one notice, a line each. */
    static List<String> lines(Notice notice) {
        List<String> lines = new ArrayList<>();
        lines.add("[" + label(notice) + "] " + plain(notice.rule()) + ": " + plain(notice.summary()));
        lines.add(plain(notice.metric()) + " = " + number(notice.value()) + " (threshold " + number(notice.threshold())
                + ")");
        lines.add((ended(notice) ? "began " : "since ") + notice.since());
        if (!notice.tags().isEmpty()) {
            List<String> tags = new ArrayList<>();
            new TreeMap<>(notice.tags()).forEach((key, value) -> tags.add(plain(key) + "=" + plain(value)));
            lines.add(cut(String.join(" ", tags), MOST_TAGS));
        }
        return lines;
    }

    private static String label(Notice notice) {
        return notice.state().equals("firing")
                ? notice.severity().wire().toUpperCase(Locale.ROOT)
                : plain(notice.state()).toUpperCase(Locale.ROOT);
    }

    static boolean ended(Notice notice) {
        return notice.state().equals("resolved");
    }

    /** Returns the worst severity of what goes on. */
    static Severity worst(List<Notice> notices) {
        return notices.stream()
                .filter(notice -> !ended(notice))
                .map(Notice::severity)
                .max(Severity::compareTo)
                .orElse(Severity.INFO);
    }

    static String number(double value) {
        if (!Double.isFinite(value)) {
            return "unknown";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return String.format(Locale.ROOT, "%.4f", value).replaceAll("0+$", "");
    }

    /** Takes out what moves a cursor, ends a line or turns text round. */
    static String plain(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", " ");
    }

    /** Replaces what makes links, mentions, pictures and tags where Markdown or HTML is read. */
    static String tame(String text) {
        return text.replace('[', '(')
                .replace(']', ')')
                .replace('<', '\u2039')
                .replace('>', '\u203a')
                .replace('`', '\'')
                .replace('*', '\u2217');
    }

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
        return text.substring(0, end) + "\u2026";
    }

    /** Joins as many parts as fit into these bytes, the first one cut if need be, and says how many did not. */
    static String fit(List<String> parts, String between, int mostBytes) {
        int room = mostBytes - 40; // for the line that says what is missing
        StringBuilder text = new StringBuilder(cutBytes(parts.get(0), room));
        int bytes = bytes(text.toString());
        for (int i = 1; i < parts.size(); i++) {
            String part = between + parts.get(i);
            bytes += bytes(part);
            if (bytes > room) {
                return text + between + (parts.size() - i) + " more not shown";
            }
            text.append(part);
        }
        return text.toString();
    }

    private static String cutBytes(String text, int most) {
        String cut = text;
        while (bytes(cut) > most) {
            cut = cut(cut, Math.min(cut.length() - 1, most)); // at worst three bytes a character: few rounds
            cut = bytes(cut) > most ? cut(cut, cut.length() * 3 / 4) : cut;
        }
        return cut;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
