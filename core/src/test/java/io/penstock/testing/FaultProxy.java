package io.penstock.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A TCP hop between a client and Redis that misbehaves on demand.
 *
 * <p>Two threads a connection, ended by {@link #close}. For tests only: no bound on connections but the test's own.
 */
public final class FaultProxy implements AutoCloseable {
    /** How bytes are treated, in both directions. */
    public enum Mode {
        /** As if it were not there. */
        PASS,
        /** Each piece is held back for {@link #delayMillis}. */
        DELAY,
        /** Connections are closed, new ones at once. */
        CUT,
        /** Bytes vanish and nobody is told; connections stay up. */
        BLACK_HOLE,
        /** Every byte travels alone. */
        SLICE,
        /** What clients send is held back until {@link #deliverHeld}, also when they have gone meanwhile. */
        HOLD
    }

    private final String uri;
    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger closedByClient = new AtomicInteger();
    private final AtomicInteger repliesToLose = new AtomicInteger();
    private volatile byte[] marker = {};
    private volatile Mode mode = Mode.PASS;
    private volatile int delayMillis;
    private volatile boolean closed;

    /** A proxy in front of the Redis at this address ({@code redis://...host:port}). */
    public FaultProxy(String redisUri) throws IOException {
        URI behind = URI.create(redisUri);
        target = new InetSocketAddress(behind.getHost(), behind.getPort());
        listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        String login = behind.getRawUserInfo() == null ? "" : behind.getRawUserInfo() + "@";
        uri = "redis://" + login + "127.0.0.1:" + listener.getLocalPort();
        start("accept", this::accept);
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Where clients connect. */
    public String uri() {
        return uri;
    }

    public void pass() {
        mode = Mode.PASS;
    }

    public void delay(int millis) {
        delayMillis = millis;
        mode = Mode.DELAY;
    }

    /** Closes all connections and refuses new ones until {@link #pass}. */
    public void cut() {
        mode = Mode.CUT;
        links.forEach(Link::close);
    }

    /** Lets all bytes vanish; connections that lived through it are closed by {@link #pass} and {@link #heal}. */
    public void blackHole() {
        mode = Mode.BLACK_HOLE;
    }

    /** Ends a black hole: what it swallowed leaves holes in the streams, so the old connections die. */
    public void heal() {
        mode = Mode.PASS;
        links.forEach(Link::close);
    }

    /** Lets the bytes of the present connections vanish, as when a firewall forgot them; new ones are passed. */
    public void forget() {
        links.forEach(link -> link.forgotten = true);
    }

    /** Holds back what clients send from now on. */
    public void hold() {
        mode = Mode.HOLD;
    }

    /** Passes new connections, while clients of those that hold something back see them break. */
    public void breakHeld() {
        mode = Mode.PASS;
        links.forEach(link -> closeQuietly(link.client));
    }

    /** Whether something is held back. */
    public boolean holds() {
        return links.stream().anyMatch(link -> link.held.size() > 0);
    }

    /** Lets Redis have at last what was held back. */
    public void deliverHeld() throws IOException {
        for (Link link : links) {
            if (link.held.size() > 0) {
                link.server.getOutputStream().write(link.held.toByteArray());
            }
        }
    }

    public void slice() {
        mode = Mode.SLICE;
    }

    /** The next so many commands with this text are carried out, but their connection dies instead of bringing the answer. */
    public void loseReplies(String textOfCommand, int times) {
        marker = textOfCommand.getBytes(StandardCharsets.ISO_8859_1);
        repliesToLose.set(times);
    }

    /** Replies still to be lost. */
    public int repliesToLose() {
        return repliesToLose.get();
    }

    /** Connections accepted so far, those refused at once included. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections that the client gave up. */
    public int closedByClient() {
        return closedByClient.get();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                if (mode == Mode.CUT) {
                    client.close();
                } else {
                    open(client);
                }
            } catch (IOException closing) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private void open(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            server.connect(target, 2_000);
        } catch (IOException down) {
            client.close();
            return;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        Link link = new Link(client, server);
        links.add(link);
        start("up", link::up);
        start("down", link::down);
    }

    /** One client connection and its way to Redis. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private final ByteArrayOutputStream held = new ByteArrayOutputStream(); // safe for several threads
        private volatile boolean losing;
        private volatile boolean forgotten;
        private byte[] tail = {};

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void up() {
            boolean gaveUp = pump(client, server, true);
            if (gaveUp) {
                closedByClient.incrementAndGet();
            }
            if (held.size() == 0) {
                close();
            }
        }

        void down() {
            pump(server, client, false);
            close();
        }

        /** Returns whether the sender ended it. */
        private boolean pump(Socket from, Socket to, boolean up) {
            byte[] buffer = new byte[16 << 10];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (up) {
                        look(buffer, n);
                    } else if (losing) {
                        return false;
                    }
                    if (up && mode == Mode.HOLD) {
                        held.write(buffer, 0, n);
                    } else {
                        write(out, buffer, n);
                    }
                }
                return true;
            } catch (IOException gone) {
                return false;
            }
        }

        private void write(OutputStream out, byte[] buffer, int n) throws IOException {
            if (forgotten) {
                return;
            }
            switch (mode) {
                case BLACK_HOLE -> {}
                case DELAY -> {
                    LockSupport.parkNanos(delayMillis * 1_000_000L);
                    out.write(buffer, 0, n);
                }
                case SLICE -> {
                    for (int i = 0; i < n; i++) {
                        out.write(buffer, i, 1);
                    }
                }
                default -> out.write(buffer, 0, n);
            }
        }

        /** Sees whether a command goes by whose reply shall be lost, also when it is split over two pieces. */
        private void look(byte[] buffer, int n) {
            byte[] wanted = marker;
            if (wanted.length == 0 || repliesToLose.get() == 0) {
                tail = new byte[0];
                return;
            }
            String text = new String(tail, StandardCharsets.ISO_8859_1)
                    + new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
            if (text.contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
                repliesToLose.decrementAndGet();
                losing = true;
                tail = new byte[0];
            } else {
                tail = text.substring(Math.max(0, text.length() - wanted.length))
                        .getBytes(StandardCharsets.ISO_8859_1);
            }
        }

        void close() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(server);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable what) {
        try {
            if (what != null) {
                what.close();
            }
        } catch (Exception closedAlready) {
            // that is all we wanted
        }
    }

    @Override
    public void close() {
        closed = true;
        closeQuietly(listener);
        links.forEach(Link::close);
    }
}
