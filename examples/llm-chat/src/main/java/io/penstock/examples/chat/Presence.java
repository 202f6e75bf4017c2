package io.penstock.examples.chat;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

/** Notices that a caller has hung up while nothing is being sent, which nobody else looks for. */
final class Presence {
    /** Read at a time of what a caller says that has nothing more to say. */
    private static final int STRAY_BYTES = 256;

    private Presence() {}

    /**
     * Calls this once the connection is closed, by whichever side. The connection must end with this answer, since nobody
     * reads a next request from it.
     */
    static void watch(HttpServerExchange exchange, Runnable gone) {
        exchange.getConnection().addCloseListener(closed -> gone.run());
        if (exchange.getConnection() instanceof HttpServerConnection http) {
            StreamSourceChannel source = http.getChannel().getSourceChannel();
            exchange.getIoThread().execute(() -> {
                source.getReadSetter().set(channel -> read(channel, exchange));
                source.resumeReads();
            });
        }
    }

    private static void read(StreamSourceChannel source, HttpServerExchange exchange) {
        try {
            ByteBuffer stray = ByteBuffer.allocate(STRAY_BYTES);
            if (source.read(stray) < 0) {
                IoUtils.safeClose(exchange.getConnection());
            }
        } catch (IOException left) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }
}
