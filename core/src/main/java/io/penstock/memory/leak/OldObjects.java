package io.penstock.memory.leak;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedObject;
import jdk.jfr.consumer.RecordingFile;

/**
 * Asks the JVM's flight recorder which of the objects that it samples have stayed.
 *
 * <p>It switches on one event and no preset: the presets record the environment and the system properties. Cost
 * (measured on 17 and 25): 2 to 6 % of the program's processor time while it runs, and 2 to 21 ms to end it; roots are
 * not searched, which would take 110 ms more at 150 MB. The file of the recording is readable by this user only and is
 * gone when {@link #close} returns. Bound: 256 samples, {@link #LONGEST}. Threads: one at a time.
 */
final class OldObjects implements AutoCloseable {
    /** Whoever forgets to end it pays for no longer than this. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final String EVENT = "jdk.OldObjectSample";
    private static final int MOST_CLASSES = 20;

    private final Recording recording = new Recording();

    /** Tells why the recorder cannot be asked in this JVM, or returns an empty text. */
    static String hindrance() {
        boolean generationalZ = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .anyMatch(bean -> bean.getName().equals("ZGC Major Cycles"));
        if (generationalZ) {
            return "old objects are not sampled on generational ZGC: its weak handles keep garbage alive and stall the"
                    + " program (JDK-8382740); compare two histograms instead";
        }
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            return "old objects are not sampled: this Java runtime has no module jdk.jfr; compare two histograms instead";
        }
        return "";
    }

    /** Begins to sample. */
    OldObjects() {
        recording.enable(EVENT).with("cutoff", "0 ns").withoutStackTrace();
        recording.setDuration(LONGEST);
        recording.start();
    }

    /** Ends it and returns the classes of what has lived for at least this long, the most frequent first. */
    List<OldObject> end(Duration leastAge) throws IOException {
        Path file = Files.createTempFile("penstock-old-objects", ".jfr"); // for this user only
        try {
            if (recording.getState() == RecordingState.RUNNING) {
                recording.stop(); // the samples are written at the stop; a dump of a running recording may lack them
            }
            recording.dump(file);
            Map<String, OldObject> found = new HashMap<>();
            try (RecordingFile events = new RecordingFile(file)) {
                while (events.hasMoreEvents()) {
                    add(found, events.readEvent(), leastAge);
                }
            }
            List<OldObject> list = new ArrayList<>(found.values());
            list.sort(Comparator.comparingInt(OldObject::samples).reversed());
            return List.copyOf(list.subList(0, Math.min(MOST_CLASSES, list.size())));
        } finally {
            Files.deleteIfExists(file);
            close();
        }
    }

    private static void add(Map<String, OldObject> found, RecordedEvent event, Duration leastAge) {
        if (!event.getEventType().getName().equals(EVENT)) {
            return; // a recording of somebody else writes into the same chunks
        }
        Duration age = event.getDuration("objectAge");
        RecordedObject object = event.getValue("object");
        RecordedClass type = object.getValue("type");
        if (age.compareTo(leastAge) < 0 || type == null) {
            return;
        }
        found.merge(type.getName(), new OldObject(type.getName(), 1, age), OldObjects::both);
    }

    private static OldObject both(OldObject one, OldObject other) {
        Duration oldest = one.oldest().compareTo(other.oldest()) > 0 ? one.oldest() : other.oldest();
        return new OldObject(one.className(), one.samples() + other.samples(), oldest);
    }

    @Override
    public void close() {
        recording.close();
    }
}
