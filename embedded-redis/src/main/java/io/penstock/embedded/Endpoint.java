package io.penstock.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a server listens: a unix socket in a private directory, or a port of 127.0.0.1 behind a password. */
record Endpoint(@Nullable Path socket, int port, String password) {
    private static final String LOOPBACK = "127.0.0.1";

    /** 256 bits: guessing is out of question however fast the loopback is. */
    private static final int PASSWORD_BYTES = 32;

    static Endpoint unix(Path socket) {
        return new Endpoint(socket, 0, "");
    }

    /** Takes a port that is free now; it may be lost to another process before the server binds it. */
    static Endpoint loopback() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, inet())) {
            return new Endpoint(null, probe.getLocalPort(), PrivateFiles.randomHex(PASSWORD_BYTES));
        }
    }

    SocketAddress address() throws IOException {
        return socket != null ? UnixDomainSocketAddress.of(socket) : new InetSocketAddress(inet(), port);
    }

    /** Not "localhost" and not the default loopback address: both may be ::1, where the server does not listen. */
    private static InetAddress inet() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    String uri() {
        if (socket == null) return "redis://:" + password + "@" + LOOPBACK + ":" + port;
        try {
            return "redis-socket://" + new URI(null, null, socket.toString(), null).toASCIIString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException("A path is always legal once quoted: " + socket, impossible);
        }
    }

    /** The lines of redis.conf that make the server listen here and nowhere else. */
    String configuration() {
        if (socket != null) {
            return "port 0\nunixsocket " + ServerSettings.quoted(socket.toString()) + "\nunixsocketperm 700\n";
        }
        return "port " + port + "\nbind " + LOOPBACK + "\nrequirepass " + password + "\n";
    }

    /** Without the password, because this ends up in logs. */
    @Override
    public String toString() {
        return socket != null ? socket.toString() : LOOPBACK + ":" + port;
    }
}
