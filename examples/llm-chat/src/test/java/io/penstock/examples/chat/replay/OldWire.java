package io.penstock.examples.chat.replay;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One plain connection to Redis: words go out, a text, a number, null or a list of these comes back. One thread at a time. */
public final class OldWire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private OldWire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** Opens {@code redis://[user:password@]host:port}. */
    public static OldWire open(String uri) throws IOException {
        URI address = URI.create(uri);
        Socket socket = new Socket(address.getHost(), address.getPort() < 0 ? 6379 : address.getPort());
        socket.setTcpNoDelay(true);
        OldWire wire = new OldWire(socket);
        if (address.getUserInfo() != null) {
            String[] login = address.getUserInfo().split(":", 2);
            wire.call(login[0].isEmpty() ? new String[] {"AUTH", login[1]} : new String[] {"AUTH", login[0], login[1]});
        }
        return wire;
    }

    public Object call(String... words) throws IOException {
        StringBuilder command =
                new StringBuilder().append('*').append(words.length).append("\r\n");
        for (String word : words) {
            int bytes = word.getBytes(StandardCharsets.UTF_8).length;
            command.append('$').append(bytes).append("\r\n").append(word).append("\r\n");
        }
        out.write(command.toString().getBytes(StandardCharsets.UTF_8));
        return reply();
    }

    private Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.valueOf(rest);
            case '$' -> text(Integer.parseInt(rest));
            case '*' -> list(Integer.parseInt(rest));
            default -> throw new IOException("Redis answered: " + line);
        };
    }

    private Object text(int bytes) throws IOException {
        if (bytes < 0) {
            return null;
        }
        String text = new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
        line();
        return text;
    }

    private Object list(int size) throws IOException {
        if (size < 0) {
            return null;
        }
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(reply());
        }
        return list;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("Redis closed the connection");
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
