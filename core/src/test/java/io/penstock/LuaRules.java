package io.penstock;

import io.penstock.HouseRules.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What every script must say of itself and may not do. Reads text: commands built at run time escape it. */
final class LuaRules {
    static final int MAX_LINES = 150;

    private static final List<String> HEADER = List.of("-- Does:", "-- KEYS:", "-- ARGV:", "-- Returns:", "-- Cost:");

    /** One step of a walk, of a stated count; as a command without a key it would go to any server of a Cluster. */
    private static final String WALK = "SCAN keys.lua";

    /** Walk the whole key space or drop it. */
    private static final Set<String> BANNED = Set.of("KEYS", "SCAN", "RANDOMKEY", "FLUSHALL", "FLUSHDB", "FLUSH");

    /** Scripts of workers, operators and the clock: they must run when Redis is full, or it stays full. */
    private static final Set<String> DRAINS = Set.of(
            "join", "take", "finish", "extend", "leave", "fence", "reclaim", "promote", "cancel", "move", "prune",
            "purge", "release", "remove");

    /**
     * Writes with the flag deny-oom: refused in a full Redis, unless the script has already written.
     * Source: COMMAND INFO of Redis 7.2, those that our layout could use.
     */
    private static final Set<String> DENIED_WHEN_FULL = Set.of(
            "SET",
            "SETEX",
            "PSETEX",
            "SETNX",
            "MSET",
            "GETSET",
            "APPEND",
            "INCR",
            "INCRBY",
            "INCRBYFLOAT",
            "DECR",
            "DECRBY",
            "SETBIT",
            "SETRANGE",
            "HSET",
            "HMSET",
            "HSETNX",
            "HINCRBY",
            "HINCRBYFLOAT",
            "ZADD",
            "ZINCRBY",
            "ZUNIONSTORE",
            "ZINTERSTORE",
            "RPUSH",
            "LPUSH",
            "RPUSHX",
            "LPUSHX",
            "LINSERT",
            "LSET",
            "RPOPLPUSH",
            "LMOVE",
            "SADD",
            "SUNIONSTORE",
            "SINTERSTORE",
            "SDIFFSTORE",
            "XADD",
            "COPY",
            "RESTORE");

    private static final Set<String> ALLOWED_WHEN_FULL = Set.of(
            "DEL",
            "UNLINK",
            "EXPIRE",
            "PEXPIRE",
            "EXPIREAT",
            "PEXPIREAT",
            "PERSIST",
            "HDEL",
            "LPOP",
            "RPOP",
            "LREM",
            "LTRIM",
            "SREM",
            "SPOP",
            "SMOVE",
            "ZREM",
            "ZPOPMIN",
            "ZPOPMAX",
            "ZREMRANGEBYRANK",
            "ZREMRANGEBYSCORE",
            "ZREMRANGEBYLEX",
            "RENAME",
            "XDEL",
            "XTRIM",
            "GETDEL",
            "HGETDEL");

    private static final Pattern CALL = Pattern.compile("\\bcall\\s*\\(\\s*['\"](\\w+)['\"]");
    private static final Pattern MARKER = Pattern.compile("(?m)^-- first write: ([A-Z]+(?: or [A-Z]+)*)");

    private LuaRules() {}

    static List<String> check(Source source) {
        List<String> faults = new ArrayList<>();
        int most = HouseRules.LONGER_FILES.getOrDefault(source.name(), MAX_LINES);
        if (source.lines() > most) {
            faults.add("%s: %d lines, at most %d; cut it, or argue for it in LONGER_FILES"
                    .formatted(source.path(), source.lines(), most));
        }
        for (String header : HEADER) {
            if (source.text().lines().noneMatch(line -> line.startsWith(header))) {
                faults.add("%s: no line '%s'".formatted(source.path(), header));
            }
        }
        String code = source.text().replaceAll("(?m)^\\s*--.*$", "");
        if (code.contains("pcall")) {
            faults.add(source.path() + ": pcall hides a refused write; let it fail");
        }
        List<String> commands = commands(code);
        commands.stream()
                .filter(c -> BANNED.contains(c) && !(c + " " + source.name()).equals(WALK))
                .forEach(c -> faults.add("%s: %s is not O(what it was asked for)".formatted(source.path(), c)));
        if (DRAINS.contains(source.name().replaceAll("(_.*)?\\.lua$", ""))) {
            faults.addAll(firstWrite(source, commands));
        }
        return faults;
    }

    /**
     * The first write in the text, which is the first that runs unless functions or branches say otherwise: the marker
     * names it, or every write that may come first, so that a reader checks what a text search cannot.
     */
    private static List<String> firstWrite(Source source, List<String> commands) {
        String first = commands.stream()
                .filter(c -> DENIED_WHEN_FULL.contains(c) || ALLOWED_WHEN_FULL.contains(c))
                .findFirst()
                .orElse("");
        if (DENIED_WHEN_FULL.contains(first)) {
            return List.of("%s: its first write is %s, which a full Redis refuses; begin with one that it allows"
                    .formatted(source.path(), first));
        }
        Matcher marker = MARKER.matcher(source.text());
        if (!marker.find() || !List.of(marker.group(1).split(" or ")).contains(first)) {
            return first.isEmpty()
                    ? List.of()
                    : List.of("%s: no line '-- first write: %s'".formatted(source.path(), first));
        }
        return List.of();
    }

    private static List<String> commands(String code) {
        return CALL.matcher(code)
                .results()
                .map(m -> m.group(1).toUpperCase(Locale.ROOT))
                .toList();
    }
}
