package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What fsck knows of the gate: the lines of groups and keys that the walk through the key space met. Not thread-safe. */
final class GateSurvey {
    /** Lines named to a script: arguments of one call. */
    private static final int MOST_LINES = 5_000;

    private final QueueStore store;
    private final Set<String> lines = new TreeSet<>(); // digit of the priority and group
    private final Set<String> keys = new TreeSet<>();

    GateSurvey(QueueStore store) {
        this.store = store;
    }

    /** @param rest of the name of a key of the gate, behind its letter */
    void met(String rest) {
        if (rest.length() > 2 && rest.charAt(0) == 'g' && rest.charAt(2) == ':') {
            lines.add(rest.charAt(1) + rest.substring(3));
        } else if (rest.startsWith("k:")) {
            keys.add(rest.substring(2));
        }
    }

    /** Entries of all lines that were met, and of the inbox. */
    long entries() {
        long entries = count(store.keys().inbox);
        for (String line : lines) {
            entries += count(line(line));
        }
        for (String key : keys) {
            entries += count(store.keys().gate("k:" + key));
        }
        return entries;
    }

    private long count(byte[] list) {
        return (Long) command("LLEN", new Call(64).key(list)).get(0);
    }

    private byte[] line(String line) {
        return store.keys().gate("g" + line.charAt(0) + ":" + line.substring(1));
    }

    private List<Object> command(String name, Call call) {
        return store.redis().await(store.redis().command(name, call));
    }

    /** Tells the digit and the serial of each entry. */
    void read(BiConsumer<Integer, String> told) {
        for (String line : lines) {
            texts(line(line)).forEach(entry -> told.accept(line.charAt(0) - '0' + StoredJob.GATED, serial(entry)));
        }
        for (String key : keys) {
            texts(store.keys().gate("k:" + key)).forEach(entry -> digit(entry, told));
        }
        texts(store.keys().inbox).forEach(entry -> digit(entry, told));
    }

    private static void digit(String entry, BiConsumer<Integer, String> told) {
        told.accept((entry.charAt(0) - '0') % StoredJob.GATED + StoredJob.GATED, serial(entry.substring(1)));
    }

    static String serial(String entry) {
        int tab = entry.indexOf('\t');
        return tab < 0 ? entry : entry.substring(0, tab);
    }

    private List<String> texts(byte[] list) {
        return command("LRANGE", new Call(64).key(list).arg(0).arg(-1)).stream()
                .map(Redis::text)
                .toList();
    }

    /** Has a script compare places and permits with what is true, and answers how much was wrong. */
    long mend(String look) {
        Call call = new Call(256 + 32 * (lines.size() + keys.size()));
        call.key(store.keys().settings).key(store.keys().active).arg(look);
        List<String> named = lines.stream().limit(MOST_LINES).toList();
        call.arg(named.size());
        named.forEach(call::arg);
        keys.stream().limit(MOST_LINES / 4).forEach(call::arg);
        return (Long)
                store.redis().await(store.redis().eval(Scripts.REGATE, call)).get(0);
    }

    /** Whether this queue has ever had a job that passes the gate. */
    boolean used() {
        Call call = new Call(96).key(store.keys().settings).arg("gated");
        return command("HGET", call).get(0) != null;
    }
}
