package io.penstock.examples.chat.acceptance;

import java.nio.file.Path;
import java.util.Set;

/** What the script passes on. */
final class Options {
    static final String REPLAY = "replay";
    static final String OURS = "ours";
    static final String USAGE =
            "run [--requests 10000] [--callers 100] [--seconds 30] [--port 3001] [--only replay|ours]"
                    + " [--results] | run --soak [MINUTES] [--only replay|ours] [--results]";
    private static final int SOAK_MINUTES = 10;

    final Path home;
    int requests = 10_000;
    int callers = 100;
    int seconds = 30;
    int port = 3001; // the report's; both subjects, one after the other
    int soakMinutes; // 0 = the table
    boolean results; // whether the files of the repository are written
    Set<String> subjects = Set.of(REPLAY, OURS);

    private Options(Path home) {
        this.home = home;
    }

    static Options of(Path home, String... arguments) {
        Options options = new Options(home);
        for (int i = 0; i < arguments.length; i++) {
            boolean valued = i + 1 < arguments.length && !arguments[i + 1].startsWith("--");
            options.set(arguments[i], valued ? arguments[++i] : "");
        }
        return options;
    }

    private void set(String key, String value) {
        switch (key) {
            case "--requests" -> requests = number(value);
            case "--callers" -> callers = number(value);
            case "--seconds" -> seconds = number(value);
            case "--port" -> port = number(value);
            case "--soak" -> soakMinutes = value.isEmpty() ? SOAK_MINUTES : number(value);
            case "--results" -> results = true;
            case "--only" -> subjects = Set.of(subject(value));
            default -> throw new IllegalArgumentException("there is no option " + key + "; " + USAGE);
        }
    }

    private static String subject(String value) {
        if (!value.equals(REPLAY) && !value.equals(OURS)) {
            throw new IllegalArgumentException("--only \"" + value + "\": it is replay or ours; " + USAGE);
        }
        return value;
    }

    private static int number(String value) {
        if (!value.matches("[1-9]\\d{0,6}")) {
            throw new IllegalArgumentException("\"" + value + "\" is no number from 1 to 9999999; " + USAGE);
        }
        return Integer.parseInt(value);
    }
}
