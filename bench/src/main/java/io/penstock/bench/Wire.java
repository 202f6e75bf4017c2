package io.penstock.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One bare connection to Redis: commands are written one after the other, replies are read in order, nothing between.
 *
 * <p>It is the floor that a client library is measured against, so it does what the protocol asks and nothing more. One
 * thread. Fails with {@link IOException} on an error reply as on a broken connection.
 */
final class Wire implements AutoCloseable {
    /** A reply may be longer: an element may not. */
    private static final int BUFFER_BYTES = 1 << 20;

    private final SocketChannel channel;
    private ByteBuffer out = ByteBuffer.allocate(BUFFER_BYTES);
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).limit(0);

    private Wire(SocketChannel channel) {
        this.channel = channel;
    }

    /** Opens {@code redis://[:password@]host:port} or {@code redis-socket:///path}. */
    static Wire open(String uri) throws IOException {
        URI address = URI.create(uri);
        if (uri.startsWith("redis-socket:")) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(address.getPath()));
            return new Wire(channel);
        }
        if (!uri.startsWith("redis:")) {
            throw new IOException("the bare client speaks redis:// and redis-socket:// only; nothing was measured");
        }
        int port = address.getPort() < 0 ? 6379 : address.getPort();
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(address.getHost(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Wire wire = new Wire(channel);
        String login = address.getUserInfo();
        if (login != null) {
            String[] part = login.split(":", 2);
            wire.call(part[0].isEmpty() ? new String[] {"AUTH", part[1]} : new String[] {"AUTH", part[0], part[1]});
        }
        return wire;
    }

    /** Sends one command and reads its reply, which is a text, a number or nothing. */
    String call(String... words) throws IOException {
        begin(words.length);
        for (String word : words) {
            arg(word.getBytes(StandardCharsets.UTF_8));
        }
        flush();
        StringBuilder reply = new StringBuilder();
        read(part -> reply.append(StandardCharsets.UTF_8.decode(part)));
        return reply.toString();
    }

    /** Returns what INFO says, all sections. */
    Map<String, String> info() throws IOException {
        Map<String, String> facts = new HashMap<>();
        call("INFO").lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                facts.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return facts;
    }

    /** Begins a command of so many words; {@link #flush} sends what was begun. */
    Wire begin(int words) {
        room(16);
        out.put((byte) '*');
        number(words);
        return this;
    }

    Wire arg(byte[] word) {
        room(word.length + 16);
        out.put((byte) '$');
        number(word.length);
        out.put(word).put((byte) '\r').put((byte) '\n');
        return this;
    }

    void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    private void number(int value) {
        out.put(Integer.toString(value).getBytes(StandardCharsets.US_ASCII))
                .put((byte) '\r')
                .put((byte) '\n');
    }

    private void room(int bytes) {
        if (out.remaining() < bytes) {
            ByteBuffer wider = ByteBuffer.allocate(out.capacity() * 2 + bytes);
            out = wider.put(out.flip());
        }
    }

    /** Reads one reply and shows each value in it; returns how many there were. */
    int read(Consumer<ByteBuffer> value) throws IOException {
        ensure(1);
        char type = (char) in.get();
        switch (type) {
            case '+', ':' -> {
                value.accept(ByteBuffer.wrap(line().getBytes(StandardCharsets.UTF_8)));
                return 1;
            }
            case '$' -> {
                int length = Integer.parseInt(line());
                if (length < 0) {
                    return 0;
                }
                ensure(length + 2);
                value.accept(in.slice(in.position(), length));
                in.position(in.position() + length + 2);
                return 1;
            }
            case '*' -> {
                int count = 0;
                for (int left = Integer.parseInt(line()); left > 0; left--) {
                    count += read(value);
                }
                return count;
            }
            case '-' -> throw new IOException("Redis answered: " + line());
            default -> throw new IOException("not a Redis reply: it begins with byte " + (int) type);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(16);
        while (true) {
            ensure(1);
            byte next = in.get();
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    private void ensure(int bytes) throws IOException {
        if (bytes > BUFFER_BYTES) {
            throw new IOException("a value of " + bytes + " bytes in a reply, above " + BUFFER_BYTES);
        }
        while (in.remaining() < bytes) {
            in.compact();
            int read = channel.read(in);
            in.flip();
            if (read < 0) {
                throw new EOFException("Redis closed the connection");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
