package io.penstock.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A bare connection, for what no decent client would send. */
public final class Wire implements AutoCloseable {
    private final Socket socket = new Socket();

    public Wire(Rig rig) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), rig.port()), 2_000);
        socket.setSoTimeout(60_000);
    }

    public Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Returns the status of the next answer; 0 = the server hung up. */
    public int status() throws IOException {
        String line = line();
        return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9, 12)) : 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int next = socket.getInputStream().read();
                    next >= 0 && next != '\n';
                    next = socket.getInputStream().read()) {
                line.write(next);
            }
        } catch (SocketException reset) {
            return "";
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Returns all that comes until the server hangs up. */
    public String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Says that nothing more comes; answers can still be read. */
    public void endOfSending() throws IOException {
        try {
            socket.shutdownOutput();
        } catch (SocketException reset) {
            // it was faster
        }
    }

    /** As {@link #rest}, where the server may end with a reset. */
    public String all() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                all.write(next);
            }
        } catch (SocketException reset) {
            // what came before it counts
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Returns whether the server hangs up before the socket's patience ends. */
    public boolean hungUp() throws IOException {
        try {
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) {
                // whatever it still says
            }
            return true;
        } catch (SocketException reset) {
            return true;
        } catch (java.net.SocketTimeoutException stillThere) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
