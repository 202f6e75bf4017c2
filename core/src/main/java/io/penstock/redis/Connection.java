package io.penstock.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.penstock.runtime.Clock;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The multiplexed connection of the client library, set up so that nothing is replayed or buffered behind our back.
 *
 * <p>While it is down, commands fail at once and {@link Redis} decides; on reconnection nothing old is sent again. An
 * outage is two log lines: one when it begins, one when it ends with its length.
 */
final class Connection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    /** Two is the least the client library allows; one serves commands, the other subscriptions. */
    private static final int IO_THREADS = 2;

    /** Keys tried until each server of a Cluster has one: six times its slots, so that a server of a few slots is met too. */
    private static final int MOST_TRIES = 100_000;

    /** A dead peer is noticed in about 11 s: 5 s idle, then 3 probes 2 s apart; Linux would take two hours. */
    private static final SocketOptions.KeepAliveOptions KEEP_ALIVE = SocketOptions.KeepAliveOptions.builder()
            .enable()
            .idle(Duration.ofSeconds(5))
            .interval(Duration.ofSeconds(2))
            .count(3)
            .build();

    private final RedisConfig config;
    private final Clock clock;
    private final ClientResources resources;
    private final AbstractRedisClient client;
    private final StatefulConnection<byte[], byte[]> commands;
    private final AtomicInteger sockets = new AtomicInteger();
    private volatile long upSinceNanos;
    private volatile long downSinceNanos;
    private volatile boolean up;
    private volatile boolean closing;
    private volatile Runnable onUp = () -> {};
    private volatile long lastResetNanos;

    private Connection(RedisConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.lastResetNanos = clock.nanos() - TimeUnit.HOURS.toNanos(1);
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .reconnectDelay(
                        Delay.fullJitter(Duration.ofMillis(10), Duration.ofSeconds(2), 50, TimeUnit.MILLISECONDS))
                .build();
        AbstractRedisClient opened = null;
        try {
            opened = config.uri().startsWith("redis-cluster:") ? clusterClient() : standaloneClient();
            this.client = opened;
            opened.addListener(new States());
            this.commands = connectCommands();
        } catch (RuntimeException e) {
            if (opened != null) {
                opened.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            }
            var unused = resources.shutdown(0, 2, TimeUnit.SECONDS);
            throw new RedisException(
                    "cannot connect to Redis at " + config.shown() + ": " + rootMessage(e)
                            + "; nothing was started; check that the server runs, the address and the password",
                    e);
        }
        markUp();
        commands.addListener(new CommandStates());
    }

    static Connection open(RedisConfig config, Clock clock) {
        return new Connection(config, clock);
    }

    private RedisURI standaloneUri() {
        RedisURI uri = RedisURI.create(config.uri());
        uri.setTimeout(config.timeout());
        return uri;
    }

    private RedisClient standaloneClient() {
        RedisClient made = new LeanClient(resources, standaloneUri());
        made.setOptions(options(ClientOptions.builder()).build());
        return made;
    }

    private RedisClusterClient clusterClient() {
        RedisClusterClient made = RedisClusterClient.create(resources, clusterUris());
        ClusterClientOptions.Builder builder = ClusterClientOptions.builder();
        options(builder);
        builder.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(Duration.ofSeconds(30))
                .build());
        made.setOptions(builder.build());
        return made;
    }

    /** {@code redis-cluster://user:password@a:1,b:2} is one plain address for each host. */
    private List<RedisURI> clusterUris() {
        String rest = config.uri().substring("redis-cluster://".length());
        int at = rest.lastIndexOf('@');
        String login = at < 0 ? "" : rest.substring(0, at + 1);
        List<RedisURI> all = new ArrayList<>();
        for (String host : rest.substring(at + 1).split(",", -1)) {
            RedisURI uri = RedisURI.create("redis://" + login + host);
            uri.setTimeout(config.timeout());
            all.add(uri);
        }
        return all;
    }

    private <B extends ClientOptions.Builder> B options(B builder) {
        SocketOptions.Builder sockets = SocketOptions.builder().connectTimeout(config.timeout());
        if (config.uri().startsWith("redis-socket:")) {
            sockets.keepAlive(false); // a Unix socket has none, and the client library would warn each time
        } else {
            sockets.keepAlive(KEEP_ALIVE);
        }
        builder.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .protocolVersion(ProtocolVersion.RESP2)
                .timeoutOptions(TimeoutOptions.create())
                .socketOptions(sockets.build());
        return builder;
    }

    private StatefulConnection<byte[], byte[]> connectCommands() {
        return client instanceof RedisClusterClient cluster
                ? cluster.connect(ByteArrayCodec.INSTANCE)
                : ((RedisClient) client).connect(ByteArrayCodec.INSTANCE);
    }

    /** Opens one more connection on the same event loops; of a Cluster, one that finds the right server for each call. */
    CompletableFuture<? extends StatefulConnection<byte[], byte[]>> connectDedicated() {
        try {
            return client instanceof RedisClusterClient cluster
                    ? cluster.connectAsync(ByteArrayCodec.INSTANCE)
                    : ((RedisClient) client)
                            .connectAsync(ByteArrayCodec.INSTANCE, standaloneUri())
                            .toCompletableFuture();
        } catch (RuntimeException rejected) {
            return CompletableFuture.failedFuture(rejected);
        }
    }

    /** @throws RedisException if Redis cannot be reached */
    StatefulRedisPubSubConnection<byte[], byte[]> connectPubSub() {
        try {
            return client instanceof RedisClusterClient cluster
                    ? cluster.connectPubSub(ByteArrayCodec.INSTANCE)
                    : ((RedisClient) client).connectPubSub(ByteArrayCodec.INSTANCE);
        } catch (RuntimeException away) {
            throw new RedisException.Unreachable(
                    "cannot subscribe at Redis at " + config.shown() + ": " + rootMessage(away)
                            + "; nothing was subscribed; try again when it is back",
                    away);
        }
    }

    /** A key on each server that holds slots: found by trying, since a hash cannot be turned round. */
    List<byte[]> homes() {
        if (!(client instanceof RedisClusterClient cluster)) {
            return List.of(Redis.utf8("pk:queues"));
        }
        long servers = cluster.getPartitions().stream()
                .filter(node -> !node.getSlots().isEmpty())
                .count();
        Map<String, byte[]> homes = new HashMap<>();
        for (int i = 0; homes.size() < servers && i < MOST_TRIES; i++) {
            byte[] key = Redis.utf8("pk:{home" + i + "}");
            RedisClusterNode node = cluster.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
            if (node != null) {
                homes.putIfAbsent(node.getNodeId(), key);
            }
        }
        return List.copyOf(homes.values());
    }

    CompletableFuture<List<Object>> dispatch(RespCommand command) {
        try {
            commands.dispatch(command);
            return command;
        } catch (RuntimeException rejected) {
            return CompletableFuture.failedFuture(rejected);
        }
    }

    boolean connected() {
        return up;
    }

    /** Tells whether an outage that was logged stretches past this time: what failed since may leave it at that. */
    boolean toldSince(long nanos) {
        return !up || upSinceNanos - nanos > 0 || lastResetNanos - nanos > 0;
    }

    /** Says who is told, on a thread of the client, whenever the connection is up again. */
    void onUp(Runnable told) {
        onUp = told;
    }

    Duration connectedFor() {
        return up ? Duration.ofNanos(clock.nanos() - upSinceNanos) : Duration.ZERO;
    }

    int sockets() {
        return sockets.get();
    }

    /** Drops the socket so that the library looks the server up and connects anew; at most once a second. */
    void reset(String why) {
        long now = clock.nanos();
        if (closing || now - lastResetNanos < TimeUnit.SECONDS.toNanos(1)) {
            return;
        }
        lastResetNanos = now;
        log.warn("redis connection is dropped reason=\"{}\" address={}", why, config.shown());
        if (commands instanceof RedisChannelHandler<?, ?> handler
                && handler.getChannelWriter() instanceof io.lettuce.core.protocol.DefaultEndpoint endpoint) {
            endpoint.disconnect();
        }
    }

    private void markUp() {
        upSinceNanos = clock.nanos();
        up = true;
    }

    static String rootMessage(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** Counts sockets of all kinds. */
    private final class States implements RedisConnectionStateListener {
        @Override
        public void onRedisConnected(RedisChannelHandler<?, ?> which, @Nullable SocketAddress address) {
            sockets.incrementAndGet();
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> which) {
            sockets.decrementAndGet();
        }
    }

    /** Tells of outages of the command connection. */
    private final class CommandStates implements RedisConnectionStateListener {
        @Override
        public void onRedisConnected(RedisChannelHandler<?, ?> which, @Nullable SocketAddress address) {
            markUp();
            long millis = TimeUnit.NANOSECONDS.toMillis(clock.nanos() - downSinceNanos);
            log.info("redis connection is back outageMillis={} address={}", millis, config.shown());
            onUp.run();
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> which) {
            boolean news = up;
            up = false;
            if (news && !closing) {
                downSinceNanos = clock.nanos();
                log.warn("redis connection is lost, calls wait and are sent again address={}", config.shown());
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        commands.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        up = false;
    }
}
