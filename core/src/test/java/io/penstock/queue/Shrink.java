package io.penstock.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Delta debugging: leaves out ever smaller parts of a list for as long as the rest still fails. */
final class Shrink {
    private static final int MOST_RUNS = 2_000;

    private Shrink() {}

    static <T> List<T> of(List<T> failing, Predicate<List<T>> stillFails) {
        List<T> least = new ArrayList<>(failing);
        int runs = 0;
        for (int part = Math.max(1, least.size() / 2); part >= 1; part = part == 1 ? 0 : part / 2) {
            boolean again = true;
            while (again) {
                again = false;
                for (int from = 0; from < least.size() && runs < MOST_RUNS; ) {
                    List<T> rest = new ArrayList<>(least.subList(0, from));
                    rest.addAll(least.subList(Math.min(least.size(), from + part), least.size()));
                    runs++;
                    if (stillFails.test(rest)) {
                        least = rest;
                        again = part == 1;
                    } else {
                        from += part;
                    }
                }
            }
        }
        return least;
    }
}
