package io.penstock.server.attack;

import io.penstock.server.Rig;
import io.penstock.server.attack.Volley.Shot;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection that is kept as long as the server keeps it, so that many thousand requests need few of them. */
final class Connection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 120_000;

    private final Rig rig;
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();

    /** What came back; 0 = the server hung up. */
    record Answer(int status, String head, String body) {
        static final Answer NONE = new Answer(0, "", "");
    }

    Connection(Rig rig) {
        this.rig = rig;
    }

    private void open() throws IOException {
        if (!socket.isConnected() || socket.isClosed()) {
            socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), rig.port()), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }
    }

    Answer exchange(Shot shot) throws IOException {
        open();
        try {
            socket.getOutputStream().write(shot.bytes());
        } catch (SocketException refusedEarly) {
            // what it said may still be there to be read
        }
        Answer answer = answer(shot.head());
        String head = answer.head().toLowerCase(Locale.ROOT);
        if (answer.status() == 0 || head.contains("connection: close") || head.contains("text/event-stream")) {
            close();
        }
        return answer;
    }

    private Answer answer(boolean bodiless) throws IOException {
        try {
            String head = head();
            while (head.startsWith("HTTP/1.1 1")) {
                head = head();
            }
            if (head.isEmpty()) {
                return Answer.NONE;
            }
            int status = Integer.parseInt(head.substring(9, 12));
            boolean empty = bodiless || status == 204 || status == 304 || head.contains("text/event-stream");
            return new Answer(status, head, empty ? "" : body(head));
        } catch (SocketException reset) {
            return Answer.NONE;
        }
    }

    private String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            ends = next == '\n' ? ends + 1 : next == '\r' ? ends : 0;
            if (ends == 2) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    private String body(String head) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length: ");
        if (at < 0) {
            close(); // the end of the connection would be the end of the answer
            return "";
        }
        int from = at + "\r\ncontent-length: ".length();
        int length = Integer.parseInt(lower.substring(from, lower.indexOf('\r', from)));
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
