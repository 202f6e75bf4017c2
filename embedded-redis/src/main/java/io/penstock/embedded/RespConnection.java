package io.penstock.embedded;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One connection to the server with a deadline on every step: enough to ask whether it lives and to stop it.
 *
 * <p>It selects instead of blocking because a unix socket channel has no timeout, and a thread to break it off would be
 * one thread too many.
 */
final class RespConnection implements AutoCloseable {
    /** INFO is 5 to 8 KiB; whoever sends more is no Redis. */
    private static final int MAX_REPLY_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(8 * 1024).limit(0);

    private RespConnection(SocketChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
    }

    /** What the server answered: its first byte, and the text or the number behind it. */
    record Reply(char type, String text) {
        boolean isError() {
            return type == '-';
        }
    }

    static RespConnection open(Endpoint endpoint, Deadline deadline) throws IOException {
        var family = endpoint.socket() != null ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
        SocketChannel channel = SocketChannel.open(family);
        Selector selector = null;
        try {
            selector = Selector.open();
            channel.configureBlocking(false);
            var connection = new RespConnection(channel, selector);
            if (!channel.connect(endpoint.address())) {
                connection.await(SelectionKey.OP_CONNECT, deadline);
                channel.finishConnect();
            }
            if (!endpoint.password().isEmpty()) connection.authenticate(endpoint.password(), deadline);
            return connection;
        } catch (IOException | RuntimeException failed) {
            if (selector != null) selector.close();
            channel.close();
            throw failed;
        }
    }

    Reply call(Deadline deadline, String... words) throws IOException {
        var command = new StringBuilder("*").append(words.length).append("\r\n");
        for (String word : words) {
            int bytes = word.getBytes(StandardCharsets.UTF_8).length;
            command.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
        }
        ByteBuffer out = StandardCharsets.UTF_8.encode(command.toString());
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) await(SelectionKey.OP_WRITE, deadline);
        }
        return reply(deadline);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            selector.close();
        }
    }

    private void authenticate(String password, Deadline deadline) throws IOException {
        Reply reply = call(deadline, "AUTH", password);
        if (reply.isError()) throw new IOException("AUTH was answered with: " + reply.text());
    }

    private Reply reply(Deadline deadline) throws IOException {
        char type = (char) next(deadline);
        String line = line(deadline);
        return switch (type) {
            case '+', '-', ':' -> new Reply(type, line);
            case '$' -> new Reply(type, bulk(line, deadline));
            default -> throw new IOException("Not a Redis reply: it starts with byte " + (int) type);
        };
    }

    private String bulk(String lengthLine, Deadline deadline) throws IOException {
        int length;
        try {
            length = Integer.parseInt(lengthLine);
        } catch (NumberFormatException noNumber) {
            throw new IOException("Not a Redis reply: a bulk string of length '" + lengthLine + "'", noNumber);
        }
        if (length < 0) return "";
        if (length > MAX_REPLY_BYTES)
            throw new IOException("A reply of " + length + " bytes, above " + MAX_REPLY_BYTES);
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) body[i] = next(deadline);
        line(deadline);
        return new String(body, StandardCharsets.UTF_8);
    }

    private String line(Deadline deadline) throws IOException {
        var line = new ByteArrayOutputStream(64);
        for (byte b = next(deadline); b != '\n'; b = next(deadline)) {
            if (b != '\r') line.write(b);
            if (line.size() > MAX_REPLY_BYTES) throw new IOException("A line above " + MAX_REPLY_BYTES + " bytes");
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private byte next(Deadline deadline) throws IOException {
        while (!in.hasRemaining()) {
            in.clear();
            int read = channel.read(in);
            in.flip();
            if (read < 0) throw new EOFException("The server closed the connection");
            if (read == 0) await(SelectionKey.OP_READ, deadline);
        }
        return in.get();
    }

    private void await(int operation, Deadline deadline) throws IOException {
        channel.register(selector, operation);
        selector.select(deadline.millisLeft());
        selector.selectedKeys().clear();
        if (deadline.passed()) throw new SocketTimeoutException("No answer before the deadline");
    }
}
