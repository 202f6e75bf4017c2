package io.penstock.queue;

import io.penstock.redis.Redis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The keys of a queue's gate, decoded; a part of {@link KeyDump}. */
final class GateDump {
    /** An entry of any line of the gate. */
    record Place(int digit, String serial, String group, String key, int permits, boolean woken) {}

    final List<Place> inbox = new ArrayList<>();
    final Map<String, List<Place>> lines = new TreeMap<>(); // by digit of the line and group
    final Map<String, List<Place>> parked = new TreeMap<>(); // by key
    final Map<String, Double> ring = new TreeMap<>();
    final Map<String, Double> held = new TreeMap<>();
    final Map<String, Double> keys = new TreeMap<>();
    final Map<String, String> used = new TreeMap<>();
    final Map<String, String> permits = new TreeMap<>();
    final Map<String, String> masks = new TreeMap<>();
    final List<String> given = new ArrayList<>();

    /** Serials that stand anywhere at the gate under this digit. */
    List<String> serials(int digit) {
        List<String> all = new ArrayList<>();
        for (List<Place> line : everything()) {
            line.stream().filter(place -> place.digit == digit).forEach(place -> all.add(place.serial));
        }
        return all;
    }

    List<List<Place>> everything() {
        List<List<Place>> all = new ArrayList<>(lines.values());
        all.addAll(parked.values());
        all.add(inbox);
        return all;
    }

    /** @param key behind the letter of the gate */
    boolean read(String key, List<?> value) {
        switch (key.isEmpty() ? "" : key.substring(0, 1)) {
            case "" -> value.forEach(text -> given.add(Redis.text(text)));
            case "i" -> value.forEach(text -> inbox.add(inboxPlace(Redis.text(text))));
            case "r" -> ring.putAll(KeyDump.scores(value));
            case "h" -> held.putAll(KeyDump.scores(value));
            case "j" -> keys.putAll(KeyDump.scores(value));
            case "a" -> used.putAll(KeyDump.texts(value));
            case "u" -> permits.putAll(KeyDump.texts(value));
            case "p" -> masks.putAll(KeyDump.texts(value));
            case "c", "v", "w" -> {}
            case "g" -> lines.put(key.charAt(1) + key.substring(3), places(key, value));
            case "k" -> parked.put(key.substring(2), keyPlaces(key.substring(2), value));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Place inboxPlace(String text) {
        String[] part = text.split("\t", -1);
        boolean limited = part.length > 3;
        return new Place(
                (part[0].charAt(0) - '0') % 4 + 4,
                part[0].substring(1),
                part.length > 1 ? part[1] : "?",
                limited ? part[3] : "",
                limited ? Integer.parseInt(part[2]) : 0,
                false);
    }

    private static List<Place> places(String key, List<?> value) {
        List<Place> places = new ArrayList<>();
        for (Object text : value) {
            String[] part = Redis.text(text).split("\t", -1);
            boolean limited = part.length > 2;
            places.add(new Place(
                    key.charAt(1) - '0' + 4,
                    part[0],
                    key.substring(3),
                    limited ? part[2] : "",
                    limited ? Integer.parseInt(part[1]) : 0,
                    part.length > 3));
        }
        return places;
    }

    private static List<Place> keyPlaces(String key, List<?> value) {
        List<Place> places = new ArrayList<>();
        for (Object text : value) {
            String[] part = Redis.text(text).split("\t", -1);
            int digit = part[0].charAt(0) - '0';
            places.add(new Place(digit, part[0].substring(1), part[2], key, Integer.parseInt(part[1]), false));
        }
        return places;
    }
}
