package io.penstock;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The floors and who may touch what, as functions from classes to violations.
 * The root package is a parameter so that planted faults can be checked beside the real classes.
 */
record Architecture(String root) {
    /** From the ground up. Imports go down; packages of one floor do not import one another. "" is the root. */
    static final List<Set<String>> FLOORS = List.of(
            Set.of("runtime"),
            Set.of("series", "job", "redis", "payload", "cron"),
            Set.of("memory.gc", "limit", "resilience"),
            Set.of("memory.probe", "memory.trend"),
            Set.of("memory.leak", "memory.admission", "memory.optimise"),
            Set.of("memory"),
            Set.of("queue", "cache"),
            Set.of("worker", "schedule", "database", "flow", "outbox"),
            Set.of("monitor", "notice"),
            Set.of("alert"),
            Set.of(""));

    private static final Pattern ASYNC = Pattern.compile("(then\\w+|run(After\\w+)?|supply|applyToEither|acceptEither"
            + "|whenComplete|handle|exceptionally\\w*|complete)Async");

    private static final Set<String> THREAD_TYPES = Set.of(
            "java.lang.Thread",
            "java.util.Timer",
            "java.util.concurrent.ThreadPoolExecutor",
            "java.util.concurrent.ScheduledThreadPoolExecutor",
            "java.util.concurrent.ForkJoinPool");

    private static final Set<String> THREAD_CALLS = Set.of(
            "Thread.ofVirtual",
            "Thread.ofPlatform",
            "Thread.startVirtualThread",
            "ForkJoinPool.commonPool",
            "CompletableFuture.orTimeout",
            "CompletableFuture.completeOnTimeout",
            "CompletableFuture.delayedExecutor");

    private static final Set<String> TIME_CALLS = Set.of(
            "System.currentTimeMillis",
            "System.nanoTime",
            "Calendar.getInstance",
            "InstantSource.system",
            "Thread.sleep",
            "TimeUnit.sleep");

    List<String> floors(JavaClasses classes) {
        Stream<String> unknown = classes.stream()
                .map(JavaClass::getPackageName)
                .distinct()
                .filter(name -> floor(name) < 0)
                .map(name -> "package " + name + " is on no floor; add it to FLOORS and ARCHITECTURE.md");
        Stream<String> upward = classes.stream()
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .filter(d -> inHouse(packageOf(d.getTargetClass())))
                .filter(this::goesUpOrSideways)
                .map(Dependency::getDescription);
        return Stream.concat(unknown, upward).distinct().sorted().toList();
    }

    List<String> redisClientStaysInRedis(JavaClasses classes) {
        return foreign(classes, Set.of("redis"), "io.lettuce.", "io.netty.", "reactor.");
    }

    List<String> sqlStaysInDatabase(JavaClasses classes) {
        return foreign(classes, Set.of("database", "outbox"), "java.sql.", "javax.sql.");
    }

    List<String> jacksonStaysInPayload(JavaClasses classes) {
        return dependencies(
                classes,
                c -> !outermost(c).equals(root + ".job.Payload"),
                target -> target.startsWith("com.fasterxml.jackson.") || target.startsWith("tools.jackson."));
    }

    List<String> noJavaSerialization(JavaClasses classes) {
        return dependencies(
                classes,
                c -> true,
                Set.of("java.io.ObjectInputStream", "java.io.ObjectOutputStream", "java.beans.XMLDecoder")::contains);
    }

    List<String> threadsAreMadeInRuntime(JavaClasses classes) {
        return accesses(classes, Architecture::makesThread);
    }

    List<String> timeIsReadInRuntime(JavaClasses classes) {
        return accesses(classes, Architecture::readsTime);
    }

    private static boolean makesThread(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getFullName();
        String name = access.getName();
        if (name.equals("<init>")) {
            return THREAD_TYPES.contains(owner);
        }
        if (ASYNC.matcher(name).matches()) {
            return !takes(access, "java.util.concurrent.Executor");
        }
        return owner.equals("java.util.concurrent.Executors")
                || name.equals("parallelStream")
                || (name.equals("parallel") && owner.startsWith("java.util.stream."))
                || THREAD_CALLS.contains(access.getTargetOwner().getSimpleName() + "." + name);
    }

    private static boolean readsTime(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getFullName();
        String name = access.getName();
        if (name.equals("now") && owner.startsWith("java.time.")) {
            return !takes(access, "java.time.Clock");
        }
        if (name.equals("<init>")) {
            return (owner.equals("java.util.Date") || owner.equals("java.util.GregorianCalendar"))
                    && takesNothing(access);
        }
        if (owner.equals("java.time.Clock")) {
            return name.startsWith("system") || name.startsWith("tick");
        }
        return TIME_CALLS.contains(access.getTargetOwner().getSimpleName() + "." + name);
    }

    private static boolean takes(JavaAccess<?> access, String type) {
        return access instanceof JavaCodeUnitAccess<?> call
                && call.getTarget().getRawParameterTypes().stream()
                        .anyMatch(p -> p.getFullName().equals(type));
    }

    private static boolean takesNothing(JavaAccess<?> access) {
        return access instanceof JavaCodeUnitAccess<?> call
                && call.getTarget().getRawParameterTypes().isEmpty();
    }

    private List<String> foreign(JavaClasses classes, Set<String> homes, String... prefixes) {
        return dependencies(
                classes,
                c -> homes.stream().noneMatch(home -> c.getPackageName().equals(root + "." + home)),
                target -> Stream.of(prefixes).anyMatch(target::startsWith));
    }

    private static List<String> dependencies(
            JavaClasses classes, Predicate<JavaClass> origin, Predicate<String> forbidden) {
        return classes.stream()
                .filter(origin)
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .filter(d ->
                        forbidden.test(d.getTargetClass().getBaseComponentType().getFullName()))
                .map(Dependency::getDescription)
                .distinct()
                .sorted()
                .toList();
    }

    private List<String> accesses(JavaClasses classes, Predicate<JavaAccess<?>> forbidden) {
        return classes.stream()
                .filter(c -> !c.getPackageName().equals(root + ".runtime"))
                .flatMap(c -> c.getAccessesFromSelf().stream())
                .filter(forbidden)
                .map(JavaAccess::getDescription)
                .distinct()
                .sorted()
                .toList();
    }

    private boolean goesUpOrSideways(Dependency dependency) {
        String from = packageOf(dependency.getOriginClass());
        String to = packageOf(dependency.getTargetClass());
        return !from.equals(to) && floor(to) >= floor(from);
    }

    private int floor(String packageName) {
        String name = packageName.equals(root) ? "" : packageName.substring(root.length() + 1);
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            if (FLOORS.get(floor).contains(name)) {
                return floor;
            }
        }
        return -1;
    }

    private boolean inHouse(String packageName) {
        return packageName.equals(root) || packageName.startsWith(root + ".");
    }

    private static String packageOf(JavaClass type) {
        return type.getBaseComponentType().getPackageName();
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(Architecture::outermost).orElse(type.getFullName());
    }
}
