package io.penstock.server.http;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Ends a body where it has become too long to be read, or to be thrown away after it was refused.
 *
 * <p>Undertow has such a bound too, but writes a stack trace to stderr each time that a body in chunks passes it: forty lines
 * of log for a request that needs no token.
 */
final class Ceiling extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private final long most;
    private long read;

    private Ceiling(StreamSourceConduit body, long most) {
        super(body);
        this.most = most;
    }

    /**
     * Puts it over the body.
     *
     * @param most bytes, after which the connection is closed
     */
    static void over(HttpServerExchange exchange, long most) {
        if (!exchange.isRequestComplete()) {
            exchange.addRequestWrapper((factory, whole) -> new Ceiling(factory.create(), most));
        }
    }

    private long counted(long more) throws IOException {
        read += Math.max(0, more);
        if (read > most) {
            throw new IOException("a body has passed " + most + " bytes");
        }
        return more;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return (int) counted(super.read(into));
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        return counted(super.read(into, offset, length));
    }

    /** By our own read, which counts. */
    @Override
    public long transferTo(long position, long count, FileChannel target) throws IOException {
        return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
    }

    @Override
    public long transferTo(long count, ByteBuffer through, StreamSinkChannel target) throws IOException {
        return counted(super.transferTo(count, through, target));
    }
}
