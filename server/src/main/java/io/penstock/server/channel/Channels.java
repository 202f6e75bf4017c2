package io.penstock.server.channel;

import io.penstock.notice.Courier;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.delivery.Outbound;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels of this process: a courier whose channels are what Redis says, looked at every few seconds.
 *
 * <p>Threads: those of the courier; one task of the timer, which waits for nothing.
 */
public final class Channels extends Service {
    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    /** A change made at another server is in force here after this; one small command each time. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final Courier courier;
    private final ChannelStore store;
    private final ChannelInput input;
    private final HttpChannel.Office office;
    private final Timer timer;
    private final Outage outage;
    private final Map<String, byte[]> applied = new HashMap<>(); // guarded by this
    private boolean over; // guarded by this
    private @Nullable Task look;

    /** What all servers share, and what this one is made of. */
    public record House(Redis redis, Clock clock, Timer timer, Threads threads) {}

    /** @param allowed where channels may send to besides public addresses */
    public Channels(House house, AllowList allowed) {
        this.courier = new Courier(house.clock(), house.threads());
        this.store = new ChannelStore(house.redis());
        Outbound outbound = new Outbound(allowed, house.timer());
        this.input = new ChannelInput(outbound);
        this.office = new HttpChannel.Office(outbound, house.clock());
        this.timer = house.timer();
        this.outage = new Outage(LOG, house.clock(), "reading the notification channels");
    }

    /** Returns who takes notices. */
    public Courier courier() {
        return courier;
    }

    /** Returns what is asked over HTTP. */
    public List<Route> routes() {
        return new ChannelApi(this, store, input, office.clock()).routes();
    }

    @Override
    protected void onStart() {
        courier.start();
        look = timer.every("channels", LOOK, this::look);
        look.runNow();
    }

    private void look() {
        store.all().whenComplete((all, away) -> {
            if (away != null) {
                outage.failed(away);
            } else {
                outage.worked();
                apply(all);
            }
        });
    }

    /** Makes the courier's channels those; waits for nothing. */
    synchronized void apply(Map<String, byte[]> all) {
        if (over) {
            return;
        }
        for (String gone : new ArrayList<>(applied.keySet())) {
            if (!all.containsKey(gone)) {
                applied.remove(gone);
                courier.remove(gone);
            }
        }
        all.forEach((id, stored) -> {
            if (!Arrays.equals(stored, applied.get(id))) {
                applied.put(id, stored);
                apply(id, stored);
            }
        });
    }

    private void apply(String id, byte[] stored) {
        try {
            ChannelConfig config = ChannelConfig.parse(id, stored, input);
            if (config.enabled()) {
                courier.put(id, Kind.channel(config, office), config.terms());
            } else {
                courier.remove(id);
            }
        } catch (Problem | IllegalArgumentException | IllegalStateException foreign) {
            // not its text: the value may be in it
            LOG.warn(
                    "notification channel={} is not one that this version knows ({}); it is passed over until it is set anew",
                    id,
                    foreign.getClass().getSimpleName());
        }
    }

    @Override
    protected void onStop() {
        if (look != null) {
            look.close();
        }
        synchronized (this) {
            over = true; // an answer of Redis may still come
        }
        courier.close();
    }
}
