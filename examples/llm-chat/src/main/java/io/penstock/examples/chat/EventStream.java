package io.penstock.examples.chat;

import io.penstock.job.Payload;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;

/**
 * Server-sent events to one caller.
 *
 * <p>Threads: what is sent may come from any; it is written by the connection's, which never waits. Bound: {@value
 * #MOST_BYTES} bytes that the caller has not read; who lets more pile up is hung up on, and may come again.
 */
final class EventStream {
    private static final int MOST_BYTES = 256 << 10;

    private final HttpServerExchange exchange;
    private final XnioIoThread io;
    private final StreamSinkChannel sink;

    // of the I/O thread
    private final Deque<ByteBuffer> unwritten = new ArrayDeque<>();
    private int bytes;
    private boolean last;
    private boolean over;

    /** Begins the answer. */
    EventStream(HttpServerExchange exchange) {
        this.exchange = exchange;
        this.io = exchange.getIoThread();
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        this.sink = exchange.getResponseChannel();
        sink.getWriteSetter().set(channel -> write());
    }

    void send(String event, Object data) {
        String json = new String(Payload.encode(data), StandardCharsets.UTF_8);
        add("event: " + event + "\ndata: " + json + "\n\n", false);
    }

    /** Says something that nobody hears, so that what lies between knows that the connection lives. */
    void beat() {
        add(": still here\n\n", false);
    }

    void end() {
        add("", true);
    }

    private void add(String text, boolean ends) {
        try {
            io.execute(() -> {
                byte[] more = text.getBytes(StandardCharsets.UTF_8);
                bytes += more.length;
                last |= ends;
                if (bytes > MOST_BYTES) {
                    hangUp();
                } else if (!over) {
                    unwritten.add(ByteBuffer.wrap(more));
                    write();
                }
            });
        } catch (RejectedExecutionException stopping) {
            // the server stops, and its connections with it
        }
    }

    private void write() {
        try {
            for (ByteBuffer next = unwritten.peek(); next != null; next = unwritten.peek()) {
                while (next.hasRemaining()) {
                    if (sink.write(next) == 0) {
                        sink.resumeWrites();
                        return;
                    }
                }
                bytes -= next.limit();
                unwritten.poll();
            }
            if (!sink.flush()) {
                sink.resumeWrites();
                return;
            }
            sink.suspendWrites();
            if (last && !over) {
                over = true;
                exchange.endExchange();
            }
        } catch (IOException left) {
            hangUp();
        }
    }

    private void hangUp() {
        if (!over) {
            over = true;
            unwritten.clear();
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
        }
    }
}
