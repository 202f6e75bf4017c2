package io.penstock.queue;

import io.penstock.job.KeyLimit;
import io.penstock.queue.GateDump.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What must hold of the keys of a gate between any two scripts. */
final class GateInvariants {
    private final KeyDump dump;
    private final GateDump gate;
    private final List<String> broken = new ArrayList<>();

    private GateInvariants(KeyDump dump) {
        this.dump = dump;
        this.gate = dump.gate;
    }

    static List<String> brokenIn(KeyDump dump) {
        GateInvariants all = new GateInvariants(dump);
        all.entries();
        all.places();
        all.permits();
        all.nobodyIsForgotten();
        return all.broken;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            broken.add(otherwise);
        }
    }

    private void entries() {
        for (List<Place> line : gate.everything()) {
            for (Place place : line) {
                byte[] record = dump.records.get(place.serial());
                if (record != null && !place.group().equals("?")) {
                    StoredJob job = StoredJob.of(record);
                    KeyLimit limit = job.options().limit();
                    String group = job.options().group();
                    check(
                            place.group().equals(group == null ? "" : group)
                                    && place.key().equals(limit == null ? "" : limit.key())
                                    && (limit == null || limit.permits() == place.permits()),
                            place + " is not of the group and key of its job " + job.options());
                }
            }
        }
    }

    /** A group with a line is in the ring or held, never both, and no other group is. */
    private void places() {
        Set<String> groups = new HashSet<>();
        Map<String, Set<Character>> masks = new TreeMap<>();
        gate.lines.keySet().forEach(line -> {
            String group = line.substring(1);
            groups.add(group);
            if (line.charAt(0) != '2') {
                masks.computeIfAbsent(group, unused -> new HashSet<>()).add(line.charAt(0));
            }
        });
        Set<String> both = new HashSet<>(gate.ring.keySet());
        both.retainAll(gate.held.keySet());
        check(both.isEmpty(), "in the ring and held: " + both);
        Set<String> placed = new HashSet<>(gate.ring.keySet());
        placed.addAll(gate.held.keySet());
        check(placed.equals(groups), "ring " + gate.ring + " held " + gate.held + ", but lines of " + groups);
        Map<String, Set<Character>> told = new TreeMap<>();
        gate.masks.forEach((group, mask) -> {
            Set<Character> digits = new HashSet<>();
            mask.chars().forEach(c -> digits.add((char) c));
            told.put(group, digits);
        });
        check(told.equals(masks), "masks " + told + ", but lines " + masks);
        check(gate.keys.keySet().equals(gate.parked.keySet()), "keys " + gate.keys + ", but lines " + gate.parked);
    }

    /** Permits are held by what runs, and by what ended and was not looked at yet. */
    private void permits() {
        Map<String, long[]> used = new TreeMap<>();
        Map<String, Long> permits = new TreeMap<>();
        List<String> holders = new ArrayList<>(gate.given);
        dump.active.keySet().forEach(serial -> {
            byte[] record = dump.records.get(serial);
            String held = record == null ? "" : StoredJob.of(record).permits();
            if (!held.isEmpty()) {
                holders.add(held);
            }
        });
        for (String text : holders) {
            String[] part = text.split("\t", -1);
            if (!part[1].isEmpty()) {
                long[] sum = used.computeIfAbsent(part[0], unused -> new long[2]);
                sum[0]++;
                sum[1] += Long.parseLong(part[1]);
                if (!part[2].isEmpty()) {
                    permits.merge(part[2], 1L, Long::sum);
                }
            }
        }
        Map<String, String> texts = new TreeMap<>();
        used.forEach((group, sum) -> texts.put(group, sum[0] + " " + sum[1]));
        check(texts.equals(gate.used), "used " + gate.used + ", recounted " + texts);
        Map<String, String> counts = new TreeMap<>();
        permits.forEach((key, n) -> counts.put(key, n.toString()));
        check(counts.equals(gate.permits), "permits " + gate.permits + ", recounted " + counts);
    }

    /** Where a key has a permit for a parked job, something is under way that will look at it. */
    private void nobodyIsForgotten() {
        gate.parked.forEach((key, line) -> {
            int free = line.get(0).permits() - Integer.parseInt(gate.permits.getOrDefault(key, "0"));
            boolean coming = gate.given.stream().anyMatch(text -> text.endsWith("\t" + key));
            for (Map.Entry<String, List<Place>> other : gate.lines.entrySet()) {
                coming |= gate.ring.containsKey(other.getKey().substring(1))
                        && other.getValue().stream()
                                .anyMatch(place -> place.key().equals(key));
            }
            check(free <= 0 || coming, "parked at " + key + " with " + free + " permits free: " + line);
        });
    }
}
