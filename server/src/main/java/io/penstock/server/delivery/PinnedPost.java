package io.penstock.server.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One POST to an address that was checked, under the name it was checked for.
 *
 * <p>The JDK's client resolves the name again by itself, and between the check and that a hostile name server can answer
 * otherwise; so the connection is made here, with the name kept for TLS and the Host header. One connection, HTTP/1.1,
 * closed afterwards. Of the answer only the status line is read, or as much of it as {@link HttpAnswer} wants.
 */
final class PinnedPost {
    private static final int CONNECT_MILLIS = 5_000;

    /** Between two bytes of the answer; the whole is bounded by the timeout of the job. */
    private static final int READ_MILLIS = 30_000;

    private final AllowList.Entry entry;
    private final InetAddress address;

    PinnedPost(AllowList.Entry entry, InetAddress address) {
        this.entry = entry;
        this.address = address;
    }

    /** Sends and returns the status of the answer. */
    int send(URI target, Map<String, String> headers, byte[] body) throws IOException {
        try (Socket plain = new Socket()) {
            return talk(plain, target, headers, body, HttpAnswer::status);
        }
    }

    /** Sends over this socket, which the caller closes, and returns the whole answer. */
    HttpAnswer exchange(Socket plain, URI target, Map<String, String> headers, byte[] body) throws IOException {
        return talk(plain, target, headers, body, HttpAnswer::read);
    }

    private interface Reading<T> {
        T of(InputStream in) throws IOException;
    }

    private <T> T talk(Socket plain, URI target, Map<String, String> headers, byte[] body, Reading<T> reading)
            throws IOException {
        plain.connect(new InetSocketAddress(address, entry.port()), CONNECT_MILLIS);
        plain.setSoTimeout(READ_MILLIS);
        if (!entry.scheme().equals("https")) {
            write(plain, target, headers, body);
            return reading.of(plain.getInputStream());
        }
        try (SSLSocket secure = secured(plain, entry.host(), entry.port(), entry.literal())) {
            write(secure, target, headers, body);
            return reading.of(secure.getInputStream());
        }
    }

    /** Returns the socket in TLS, the name of the other side checked; it does not close the one below. */
    static SSLSocket secured(Socket plain, String host, int port, boolean literal) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secure = (SSLSocket) factory.createSocket(plain, host, port, false);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!literal) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private void write(Socket socket, URI target, Map<String, String> headers, byte[] body) throws IOException {
        String path = target.getRawPath() == null || target.getRawPath().isEmpty() ? "/" : target.getRawPath();
        StringBuilder head = new StringBuilder(256);
        head.append("POST ").append(path);
        if (target.getRawQuery() != null) {
            head.append('?').append(target.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(entry.host());
        boolean usual = entry.port() == (entry.scheme().equals("https") ? 443 : 80);
        if (!usual) {
            head.append(':').append(entry.port());
        }
        head.append("\r\nConnection: close\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        byte[] whole =
                Arrays.copyOf(first, first.length + body.length); // at once: who refuses early closes behind the head
        System.arraycopy(body, 0, whole, first.length, body.length);
        OutputStream out = socket.getOutputStream();
        out.write(whole);
        out.flush();
    }
}
