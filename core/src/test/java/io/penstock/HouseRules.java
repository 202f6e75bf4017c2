package io.penstock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The measurable part of CONTRIBUTING.md, as functions from sources to violations. Reads text, so it sees every module. */
final class HouseRules {
    static final int MAX_FILE_LINES = 450;
    static final int MAX_METHOD_LINES = 60;
    static final int MAX_PACKAGE_FILES = 24;
    static final int MAX_CONSTRUCTOR_PARAMETERS = 6;

    /** Names that say where a class was put instead of what it is. */
    static final Set<String> BANNED_PACKAGES = Set.of(
            "util",
            "utils",
            "common",
            "impl",
            "internal",
            "model",
            "models",
            "dto",
            "helper",
            "helpers",
            "misc",
            "support",
            "exception",
            "exceptions",
            "manager",
            "managers",
            "base",
            "shared");

    /** Files that are one algorithm and read better whole: file name to its own ceiling in lines. Each with its reason. */
    static final Map<String, Integer> LONGER_FILES = Map.of(
            "finish.lua", 220, // every way a delivery can end, in one round trip and one atomic step
            "advance.lua", 435, // a flow is one state machine: ends, acts and wishes meet in one atomic step
            "heal.lua", 235, // what is true of one job, decided and mended in one atomic step
            "take.lua", 240, // the order of lines, the budget and the resent call, in one atomic step
            "draw.lua", 370, // fair turns within groups, keys and bytes are one decision in one atomic step
            "Penstock.java", 520, // the roof: one room for each noun, nothing but wiring
            "QueueStore.java", 530, // one method for each step of a job's way through Redis
            "Runners.java", 490, // who runs what next: slots, their threads and all that waits is one decision
            "Intake.java", 515); // one queue's dialogue with Redis is one state machine

    /** Packages that would have to open their inside to be cut: last name to its own ceiling in files. With a reason. */
    static final Map<String, Integer> LARGER_PACKAGES = Map.of(
            "cli", 52, // a file for each noun of the command line; a part outside would make Main and Noun public
            "server", 28, // jobs and queues over HTTP and their wiring; a part outside would make JobInput and JobView
            // public
            "worker", 34, // a job's way through one process; a part outside would make Run and Hold public
            "queue", 64); // the only package that knows the layout in Redis; a part outside would make it public

    /** A source file: its path from the root of the repository, and its text. */
    record Source(Path path, String text) {
        boolean isTest() {
            return path.toString().replace('\\', '/').contains("src/test/");
        }

        boolean isPackageInfo() {
            return name().equals("package-info.java");
        }

        String name() {
            return path.getFileName().toString();
        }

        long lines() {
            return text.lines().count();
        }
    }

    private HouseRules() {}

    static List<String> java(Source source) {
        List<String> faults = new ArrayList<>();
        int most = LONGER_FILES.getOrDefault(source.name(), MAX_FILE_LINES);
        if (!source.isTest() && source.lines() > most) {
            faults.add("%s: %d lines, at most %d; cut out a noun, or argue for the file in LONGER_FILES"
                    .formatted(source.path(), source.lines(), most));
        }
        faults.addAll(unfinished(source));
        if (!source.isPackageInfo()) {
            faults.addAll(JavaRules.check(source));
        }
        return faults;
    }

    static List<String> packages(List<Source> sources) {
        Map<String, Integer> files = new TreeMap<>();
        for (Source source : sources) {
            if (!source.isTest() && !source.isPackageInfo()) {
                files.merge(source.path().getParent().toString(), 1, Integer::sum);
            }
        }
        List<String> faults = new ArrayList<>();
        files.forEach((folder, count) -> {
            int most =
                    LARGER_PACKAGES.getOrDefault(Path.of(folder).getFileName().toString(), MAX_PACKAGE_FILES);
            if (count > most) {
                faults.add("%s: %d files, at most %d; a second noun is hiding in it".formatted(folder, count, most));
            }
            for (Path part : Path.of(folder)) {
                if (BANNED_PACKAGES.contains(part.toString())) {
                    faults.add("%s: a package named '%s' says nothing; name it after what it holds"
                            .formatted(folder, part));
                }
            }
        });
        return faults;
    }

    /** Every package with classes says what it is, once, and is null-marked there. */
    static List<String> packageInfos(List<Source> sources) {
        Map<Path, Source> infos = new HashMap<>();
        for (Source source : sources) {
            if (source.isPackageInfo()) {
                infos.put(source.path().getParent(), source);
            }
        }
        return sources.stream()
                .filter(source -> !source.isTest() && !source.isPackageInfo())
                .map(source -> source.path().getParent())
                .distinct()
                .filter(folder -> !infos.containsKey(folder)
                        || !infos.get(folder).text().contains("@NullMarked")
                        || !infos.get(folder).text().contains("/**"))
                .map(folder -> folder + ": needs a package-info.java with a sentence and @NullMarked")
                .sorted()
                .toList();
    }

    static List<String> unfinished(Source source) {
        List<String> faults = new ArrayList<>();
        int number = 0;
        for (String line : source.text().lines().toList()) {
            number++;
            for (String mark : List.of("TO" + "DO", "FIX" + "ME", "XX" + "X")) {
                if (line.contains(mark)) {
                    faults.add("%s:%d: %s; finish it or open an issue".formatted(source.path(), number, mark));
                }
            }
        }
        return faults;
    }
}
