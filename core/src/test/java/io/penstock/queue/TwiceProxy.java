package io.penstock.queue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A hop to Redis that sends every script call twice and gives its client the second answer, as if the first had been lost.
 *
 * <p>Understands RESP 2. Two threads a connection, ended by {@link #close}.
 */
final class TwiceProxy implements AutoCloseable {
    private static final String CLIENT_GONE = "";

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final URI behind;

    TwiceProxy(String redisUri) throws IOException {
        behind = URI.create(redisUri);
        start("accept", this::accept);
    }

    String uri() {
        return "redis://" + behind.getRawUserInfo() + "@127.0.0.1:" + listener.getLocalPort();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException closed) {
                        // the test or a peer ended it
                    }
                },
                "twice-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket(behind.getHost(), behind.getPort());
            client.setTcpNoDelay(true); // else two small writes wait for each other's acknowledgement
            server.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(server);
            BlockingQueue<String> sent = new LinkedBlockingQueue<>();
            start("requests", () -> requests(client, server, sent));
            start("replies", () -> replies(client, server, sent));
        }
    }

    private static void requests(Socket client, Socket server, BlockingQueue<String> sent) throws IOException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = server.getOutputStream();
        try {
            while (true) {
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                boolean script = value(in, request).matches("(?i)EVAL(SHA)?");
                if (script) {
                    sent.add("drop");
                    out.write(request.toByteArray());
                }
                sent.add("pass");
                out.write(request.toByteArray());
                out.flush();
            }
        } finally {
            sent.add(CLIENT_GONE);
            server.close();
        }
    }

    private static void replies(Socket client, Socket server, BlockingQueue<String> sent)
            throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(server.getInputStream());
        OutputStream out = client.getOutputStream();
        try {
            for (String next = sent.take(); !next.equals(CLIENT_GONE); next = sent.take()) {
                ByteArrayOutputStream reply = new ByteArrayOutputStream();
                value(in, reply);
                if (next.equals("pass")) {
                    out.write(reply.toByteArray());
                    out.flush();
                }
            }
        } finally {
            client.close();
        }
    }

    /** Copies one value; answers the first bulk string in it, which in a request is the command. */
    private static String value(InputStream in, ByteArrayOutputStream copy) throws IOException {
        String line = line(in, copy);
        int size = line.charAt(0) == '$' || line.charAt(0) == '*' ? Integer.parseInt(line.substring(1)) : -1;
        if (line.charAt(0) == '$' && size >= 0) {
            byte[] body = in.readNBytes(size + 2);
            copy.write(body);
            return size > 20 ? "" : new String(body, 0, size, StandardCharsets.ISO_8859_1);
        }
        String first = "";
        for (int i = 0; line.charAt(0) == '*' && i < size; i++) {
            String part = value(in, copy);
            first = i == 0 ? part : first;
        }
        return first;
    }

    private static String line(InputStream in, ByteArrayOutputStream copy) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c; (c = in.read()) != '\n'; ) {
            if (c < 0) {
                throw new EOFException();
            }
            copy.write(c);
            line.append((char) c);
        }
        copy.write('\n');
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
