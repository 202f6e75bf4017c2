package io.penstock.server.live;

import io.penstock.server.caller.Caller;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/**
 * One who listens, and what it has not read yet.
 *
 * <p>Bound: {@value #MOST_BYTES} bytes, which the listeners of one moment share; who lets more pile up is hung up on, comes
 * again and gets the present instead of the past. Threads: what is said may come from any, it is written by the I/O thread
 * of the connection, which never waits.
 */
public final class Listener {
    private static final int MOST_BYTES = 1 << 20;

    /** Read at a time of what a client says that has nothing more to say. */
    private static final int STRAY_BYTES = 256;

    private final HttpServerExchange exchange;
    private final StreamSinkChannel sink;
    private final XnioIoThread io;
    private final Ears ears;
    private final Consumer<Listener> gone;

    // of the thread of Live
    private boolean greeted;
    private long saidNanos;

    // of the I/O thread
    private final Deque<ByteBuffer> unread = new ArrayDeque<>();
    private int bytes;
    private boolean last;
    private volatile boolean closed;

    /**
     * What somebody listens to, and who that is.
     *
     * @param still whether the caller would still be let in
     */
    public record Ears(Set<String> topics, Caller caller, BooleanSupplier still) {}

    /**
     * Takes the exchange over.
     *
     * @param gone is told once that it listens no more
     */
    public Listener(HttpServerExchange exchange, Ears ears, Consumer<Listener> gone) {
        this.exchange = exchange;
        this.ears = ears;
        this.gone = gone;
        this.io = exchange.getIoThread();
        this.sink = exchange.getResponseChannel();
        sink.getWriteSetter().set(channel -> write());
        exchange.getConnection().addCloseListener(connection -> close());
        io.execute(this::watch);
    }

    /**
     * Looks whether the client hangs up, which it may do long before the next thing that is said: its seat is for others.
     * Nothing else comes on this connection, since it ends with this answer.
     */
    private void watch() {
        if (exchange.getConnection() instanceof HttpServerConnection http) {
            StreamSourceChannel source = http.getChannel().getSourceChannel();
            source.getReadSetter().set(this::read);
            source.resumeReads();
        }
    }

    private void read(StreamSourceChannel source) {
        try {
            int most = STRAY_BYTES;
            for (int read = 1; read > 0 && most > 0; most -= read) {
                read = source.read(ByteBuffer.allocate(STRAY_BYTES));
                if (read < 0) {
                    close();
                }
            }
        } catch (IOException left) {
            close();
        }
    }

    /** Tells whether it was hung up on, or left. */
    public boolean closed() {
        return closed;
    }

    Set<String> topics() {
        return ears.topics();
    }

    Caller caller() {
        return ears.caller();
    }

    /** Hangs up on who would not be let in any more: signed out, revoked or over. */
    public boolean welcome() {
        boolean still = ears.still().getAsBoolean();
        if (!still) {
            close();
        }
        return still;
    }

    boolean greeted() {
        return greeted;
    }

    long saidNanos() {
        return saidNanos;
    }

    /** Notes that it was told something. */
    void said(long nanos) {
        greeted = true;
        saidNanos = nanos;
    }

    /** Says something, sooner or later; from any thread. */
    public void say(byte[] text) {
        say(text, false);
    }

    /** Says the last thing that there is to say; the answer ends behind it. */
    public void sayLast(byte[] text) {
        say(text, true);
    }

    private void say(byte[] text, boolean ends) {
        try {
            io.execute(() -> add(text, ends));
        } catch (RejectedExecutionException over) {
            gone.accept(this); // the server stops, and its connections with it
        }
    }

    private void add(byte[] text, boolean ends) {
        if (closed) {
            return;
        }
        last |= ends;
        if (bytes + text.length > MOST_BYTES) {
            close();
            return;
        }
        unread.add(ByteBuffer.wrap(text));
        bytes += text.length;
        write();
    }

    private void write() {
        try {
            for (ByteBuffer next = unread.peek(); next != null; next = unread.peek()) {
                while (next.hasRemaining()) {
                    if (sink.write(next) == 0) {
                        sink.resumeWrites();
                        return;
                    }
                }
                bytes -= next.limit();
                unread.poll();
            }
            if (sink.flush()) {
                sink.suspendWrites();
                if (last && !closed) {
                    closed = true;
                    gone.accept(this);
                    exchange.endExchange();
                }
            } else {
                sink.resumeWrites();
            }
        } catch (IOException left) {
            close();
        }
    }

    /** Hangs up; from any thread, more than once. */
    public void close() {
        try {
            io.execute(this::end);
        } catch (RejectedExecutionException over) {
            gone.accept(this); // the server stops, and its connections with it
        }
    }

    private void end() {
        if (!closed) {
            closed = true;
            unread.clear();
            gone.accept(this);
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
        }
    }
}
