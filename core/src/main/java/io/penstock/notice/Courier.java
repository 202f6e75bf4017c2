package io.penstock.notice;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Service;
import io.penstock.runtime.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings notices to all channels, each by its own line, so that the trouble of one delays no other.
 *
 * <p>Notices of a short while go in one message (5 s, or as many as the message may hold); of one alert only the latest
 * is sent. A message that is not taken is sent again, at most six times in about a minute and a half, later if the
 * receiver asks for it; then it is given up and the next one is tried. Everything is kept in memory only: a process that
 * dies takes its unsent notices with it, and the alerts themselves stay listed.
 *
 * <p>Bounds: {@value #MOST_CHANNELS} channels; what waits for each is bounded in number and bytes, the oldest of the
 * mildest go first and the next message says how many. Threads: safe; one a channel while something waits for it, none
 * otherwise. {@link #close} gives what is under way 5 s.
 */
public final class Courier extends Service {
    /** People look at three places; a channel for each team of a large house is two dozen. */
    public static final int MOST_CHANNELS = 32;

    private final Line.Office office;
    private final Map<String, Line> lines = new ConcurrentHashMap<>();

    /** Makes a courier without channels. */
    public Courier(Clock clock, Threads threads) {
        this(clock, threads, Patience.USUAL);
    }

    Courier(Clock clock, Threads threads, Patience patience) {
        this.office = new Line.Office(clock, threads, patience, new Deliveries(clock.millis()));
    }

    @Override
    protected void onStart() {
        // lines start their threads when there is something to send
    }

    /** Tells all channels; waits for nothing. */
    public void tell(Notice notice) {
        tell(notice, List.of());
    }

    /** Tells these channels, those of them that there are; none = all. Waits for nothing. */
    public void tell(Notice notice, Collection<String> channels) {
        if (running()) {
            lines.forEach((id, line) -> {
                if (channels.isEmpty() || channels.contains(id)) {
                    line.tell(notice);
                }
            });
        }
    }

    /**
     * Adds a channel, or puts it in the place of the one with this id, whose waiting notices it gets. The courier closes
     * it.
     *
     * @throws IllegalStateException if there are {@value #MOST_CHANNELS} already
     */
    public synchronized void put(String id, Channel channel, Terms terms) {
        Line line = lines.get(id);
        if (line != null) {
            line.replace(channel, terms);
        } else if (lines.size() >= MOST_CHANNELS) {
            throw new IllegalStateException("channel " + id + " is one more than the " + MOST_CHANNELS
                    + " that there may be; it was not added; remove another");
        } else {
            lines.put(id, new Line(id, channel, terms, office));
        }
    }

    /** Removes a channel and what waits for it; a message that is being sent is sent. */
    public synchronized void remove(String id) {
        Line line = lines.remove(id);
        if (line != null) {
            line.beginClose();
            line.endClose(office.clock().nanos());
        }
    }

    /**
     * Sends one notice to one channel at once, and waits for the answer.
     *
     * @param patience how long to wait for a message that is under way
     * @return what became of it; empty = there is no such channel
     * @throws NotTaken if the message under way took longer
     */
    public Optional<Delivery> test(String id, Notice notice, Duration patience)
            throws IOException, InterruptedException {
        Line line = lines.get(id);
        return line == null ? Optional.empty() : Optional.of(line.test(notice, patience));
    }

    /** Returns how a channel does; empty = there is no such channel. */
    public Optional<ChannelStats> stats(String id) {
        return Optional.ofNullable(lines.get(id)).map(Line::stats);
    }

    /**
     * Returns the last deliveries of this process, the newest first; at most 500 are kept.
     *
     * @param channel null = of all
     * @param before id of the one that the page begins after; null = from the newest
     */
    public List<Delivery> deliveries(@Nullable String channel, @Nullable Long before, int limit) {
        return office.deliveries().newest(channel, before, limit);
    }

    @Override
    protected void onStop() {
        List<Line> all = new ArrayList<>(lines.values());
        all.forEach(Line::beginClose);
        long deadline = office.clock().nanos() + office.patience().farewell().toNanos();
        all.forEach(line -> line.endClose(deadline));
    }
}
