package io.penstock.server.channel;

import io.penstock.runtime.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A mail server that can STARTTLS, and answers to any command what a test says. */
final class PostOffice implements AutoCloseable {
    private final ServerSocket server;
    private final @Nullable SSLContext tls;
    private final Map<String, String> answers;
    private final List<String> said = new CopyOnWriteArrayList<>();

    /**
     * @param tls null = it offers none
     * @param answers by the first word of the command
     */
    PostOffice(Threads threads, @Nullable SSLContext tls, Map<String, String> answers) throws IOException {
        this.server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        this.tls = tls;
        this.answers = answers;
        threads.start("post-office", () -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    serve(socket, false);
                } catch (IOException hungUp) {
                    // the next one, please
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    /** All lines of the client, those inside TLS marked. */
    List<String> said() {
        return said;
    }

    private void serve(Socket socket, boolean secure) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        if (!secure) {
            say(socket, answers.getOrDefault("", "220 here"));
        }
        boolean data = false;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            said.add((secure ? "tls " : "") + line);
            if (data) {
                data = !line.equals(".");
                if (!data) {
                    say(socket, answers.getOrDefault(".", "250 kept"));
                }
                continue;
            }
            String word = line.replaceAll("[ :].*", "").toUpperCase(java.util.Locale.ROOT);
            if (answers.containsKey(word)) {
                say(socket, answers.get(word));
                continue;
            }
            switch (word) {
                case "EHLO" ->
                    say(socket, "250-here\r\n" + (tls != null && !secure ? "250-STARTTLS\r\n" : "") + "250 AUTH PLAIN");
                case "STARTTLS" -> {
                    say(socket, "220 go on");
                    SSLSocket inside = (SSLSocket) tls.getSocketFactory().createSocket(socket, null, 0, true);
                    inside.setUseClientMode(false);
                    serve(inside, true);
                    return;
                }
                case "AUTH" -> say(socket, "235 welcome");
                case "DATA" -> {
                    say(socket, "354 tell");
                    data = true;
                }
                case "QUIT" -> {
                    say(socket, "221 bye");
                    return;
                }
                default -> say(socket, "250 yes");
            }
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
