package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** All keys of one queue, read at one instant and decoded: what tests hold the protocol to. */
final class KeyDump {
    private static final String READ = """
            local out = {}
            local keys = redis.call('KEYS', ARGV[1])
            for i = 1, #keys do
              local key = keys[i]
              local kind = redis.call('TYPE', key).ok
              local value
              if kind == 'hash' then value = redis.call('HGETALL', key)
              elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
              elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
              elseif kind == 'set' then value = redis.call('SMEMBERS', key)
              else value = {redis.call('GET', key), tostring(redis.call('PTTL', key))} end
              out[i] = {key, value}
            end
            return out
            """;

    final Map<String, String> settings = new TreeMap<>();
    final Map<String, Long> counters = new TreeMap<>();
    final Map<String, String> marks = new TreeMap<>();
    final List<List<String>> lines =
            List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    final Map<String, Delayed> delayed = new LinkedHashMap<>();
    final Map<String, String> active = new TreeMap<>();
    final Map<String, String> blocked = new TreeMap<>();
    final Map<String, Integer> ghosts = new TreeMap<>();
    final Map<String, String> crashes = new TreeMap<>();
    final Map<String, Double> leases = new TreeMap<>();
    final Set<String> dead = new TreeSet<>();
    final Set<String> quiet = new TreeSet<>();
    final Set<String> requests = new TreeSet<>();
    final List<Prune.Run> completed = new ArrayList<>();
    final Map<String, Double> retained = new LinkedHashMap<>();
    final Map<String, Double> failed = new LinkedHashMap<>();
    final Map<String, Double> cancelled = new LinkedHashMap<>();
    final Map<String, byte[]> records = new TreeMap<>();
    final Map<String, byte[]> finishes = new TreeMap<>();
    final Map<String, Map<String, byte[]>> extras = new TreeMap<>();
    final Map<String, Map<String, byte[]>> incarnations = new TreeMap<>();
    final Map<String, String> unique = new TreeMap<>();
    final Map<String, String> throttles = new TreeMap<>();
    final GateDump gate = new GateDump();
    /** Things that no script may leave behind, found while decoding. */
    final List<String> faults = new ArrayList<>();

    private KeyDump() {}

    static KeyDump of(QueueStore store) {
        String prefix = store.keys().prefix();
        Call call = new Call(512).arg(READ).arg(0).arg(prefix + "*");
        KeyDump dump = new KeyDump();
        for (Object entry : store.redis().await(store.redis().command("EVAL", call))) {
            List<?> pair = (List<?>) entry;
            dump.read(Redis.text(pair.get(0)).substring(prefix.length()), (List<?>) pair.get(1));
        }
        return dump;
    }

    /** The states of all records, as {@link JobReader} would tell them. */
    String stateOf(String serial) {
        byte[] finish = finishes.get(serial);
        if (finish != null) {
            return switch (finish[0]) {
                case 'c' -> "completed";
                case 'f' -> "failed";
                default -> "cancelled";
            };
        }
        return active.containsKey(serial)
                ? "active"
                : delayed.containsKey(serial) ? "delayed" : blocked.containsKey(serial) ? "blocked" : "waiting";
    }

    /** Entries of a line, or of the gate for a digit from 4 on. */
    List<String> entries(int line) {
        return line < 4 ? lines.get(line) : gate.serials(line);
    }

    private void read(String key, List<?> value) {
        if (key.startsWith("z") && gate.read(key.substring(1), value)) {
            return;
        }
        String rest = key.length() > 2 && key.charAt(1) == ':' ? key.substring(2) : "";
        switch (key.charAt(0) + (rest.isEmpty() ? "" : ":")) {
            case "m" -> settings.putAll(texts(value));
            case "n" -> texts(value).forEach((field, n) -> counters.put(field, Long.parseLong(n)));
            case "b" -> counters.put("blocks", Long.parseLong(Redis.text(value.get(0))));
            case "p" -> marks.putAll(texts(value));
            case "w" -> value.forEach(id -> lines.get(key.charAt(1) - '0').add(Redis.text(id)));
            case "d" -> delayed(value);
            case "a" -> active.putAll(padded(key, value));
            case "B" -> blocked.putAll(padded(key, value));
            case "h", "F:" -> {
                // of flows, whose own tests look at them
            }
            case "g" -> texts(value).forEach((place, n) -> ghosts.put(place, Integer.parseInt(n)));
            case "x" -> crashes.putAll(texts(value));
            case "l" -> leases.putAll(scores(value));
            case "r" -> value.forEach(token -> dead.add(Redis.text(token)));
            case "q" -> value.forEach(number -> quiet.add(Redis.text(number)));
            case "k" -> value.forEach(id -> requests.add(Redis.text(id)));
            case "c" -> value.forEach(run -> completed.add(Prune.Run.of(Redis.text(run))));
            case "y" -> retained.putAll(scores(value));
            case "e" -> failed.putAll(scores(value));
            case "o" -> cancelled.putAll(scores(value));
            case "j:" -> block(key, rest, value, records);
            case "f:" -> block(key, rest, value, finishes);
            case "s:" -> extras.put(rest, bytes(value));
            case "i:" -> incarnations.put(rest, bytes(value));
            case "u:" -> unique.putAll(padded(key, value));
            case "t:" -> {
                throttles.put(rest, Redis.text(value.get(0)));
                if (Long.parseLong(Redis.text(value.get(1))) < 0) {
                    faults.add(key + " has no end");
                }
            }
            case "D:" -> {
                // what an add that is sent again answers: expires by itself
            }
            case "O:", "E:" -> {
                // jobs of requests, and what jobs emit: both expire by themselves, nothing points to them
            }
            case "P:" -> {
                // what a relay has handed over: expires by itself, nothing points to it
            }
            default -> faults.add("key " + key + " is none of ours");
        }
    }

    private void delayed(List<?> value) {
        String last = "";
        for (String leaf : scores(value).keySet()) {
            String[] entries = leaf.split(",", -1);
            if (entries.length > Delayed.LEAF) {
                faults.add("a leaf of delayed has " + entries.length + " entries");
            }
            for (String text : entries) {
                Delayed entry = new Delayed(text);
                if (text.compareTo(last) <= 0 || delayed.put(entry.serial(), entry) != null) {
                    faults.add("delayed has " + text + " behind " + last + ", or twice");
                }
                last = text;
            }
        }
    }

    private void block(String key, String block, List<?> value, Map<String, byte[]> into) {
        Map<String, byte[]> fields = bytes(value);
        if (fields.remove("") == null) {
            faults.add(key + " has no pad");
        }
        if (fields.isEmpty()) {
            faults.add(key + " is empty but for its pad");
        }
        for (Map.Entry<String, byte[]> field : fields.entrySet()) {
            if (!field.getKey().startsWith(block) || field.getKey().length() != block.length() + 2) {
                faults.add(key + " holds " + field.getKey());
            }
            into.put(field.getKey(), field.getValue());
        }
    }

    private Map<String, String> padded(String key, List<?> value) {
        Map<String, String> fields = texts(value);
        if (fields.remove("") == null) {
            faults.add(key + " has no pad");
        }
        return fields;
    }

    static Map<String, String> texts(List<?> value) {
        Map<String, String> fields = new HashMap<>();
        bytes(value).forEach((field, bytes) -> fields.put(field, new String(bytes, StandardCharsets.UTF_8)));
        return fields;
    }

    private static Map<String, byte[]> bytes(List<?> value) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i + 1 < value.size(); i += 2) {
            fields.put(Redis.text(value.get(i)), (byte[]) value.get(i + 1));
        }
        return fields;
    }

    private static double score(String text) {
        return text.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    static Map<String, Double> scores(List<?> value) {
        Map<String, Double> scores = new LinkedHashMap<>();
        bytes(value).forEach((member, score) -> scores.put(member, score(new String(score, StandardCharsets.UTF_8))));
        return scores;
    }
}
