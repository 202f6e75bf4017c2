package io.penstock.server.live;

import io.penstock.server.engine.Engine;
import io.penstock.server.engine.Engine.QueueView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/**
 * All queues as they stood when they were last looked at.
 *
 * <p>Cost: at most {@value #MOST_LOOKS} of them are asked for at a time, in one go; with more queues than that each is some
 * looks old. Threads: one at a time.
 */
final class QueueBoard {
    /** 250 looks are 3 ms of Redis. */
    static final int MOST_LOOKS = 250;

    private final Engine engine;
    private final Map<String, QueueView> views = new TreeMap<>();
    private final Map<String, QueueView> changed = new TreeMap<>();
    private final TreeSet<String> gone = new TreeSet<>();
    private String last = "";

    QueueBoard(Engine engine) {
        this.engine = engine;
    }

    /** Looks again; what Redis refuses to tell stays as it was. */
    void refresh() {
        changed.clear();
        gone.clear();
        List<String> names = engine.queues();
        gone.addAll(views.keySet());
        names.forEach(gone::remove);
        gone.forEach(views::remove);
        Map<String, CompletionStage<QueueView>> looks = new LinkedHashMap<>();
        for (String name : turn(names)) {
            looks.put(name, engine.queueAsync(name));
        }
        looks.forEach((name, look) -> {
            QueueView view = engine.await(look);
            if (!view.equals(views.put(name, view))) {
                changed.put(name, view);
            }
        });
    }

    private List<String> turn(List<String> names) {
        if (names.size() <= MOST_LOOKS) {
            return names;
        }
        List<String> turn = new ArrayList<>(MOST_LOOKS);
        for (String name : names) {
            if (turn.size() < MOST_LOOKS && name.compareTo(last) > 0) {
                turn.add(name);
            }
        }
        for (String name : names) {
            if (turn.size() < MOST_LOOKS && name.compareTo(last) <= 0) {
                turn.add(name);
            }
        }
        last = turn.get(turn.size() - 1);
        return turn;
    }

    Collection<QueueView> all() {
        return views.values();
    }

    /** Returns what the last look found changed. */
    Collection<QueueView> changed() {
        return changed.values();
    }

    /** Returns the names that the last look no longer found. */
    Collection<String> gone() {
        return gone;
    }
}
