package io.penstock.server.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
 * closed afterwards; of the answer only the status line is read, at most {@value #MOST_ANSWER_BYTES} bytes.
 */
final class PinnedPost {
    private static final int MOST_ANSWER_BYTES = 64 << 10;
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
            plain.connect(new InetSocketAddress(address, entry.port()), CONNECT_MILLIS);
            plain.setSoTimeout(READ_MILLIS);
            if (!entry.scheme().equals("https")) {
                return talk(plain, target, headers, body);
            }
            SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
            try (SSLSocket secure = (SSLSocket) factory.createSocket(plain, entry.host(), entry.port(), false)) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                if (!entry.literal()) {
                    parameters.setServerNames(List.of(new SNIHostName(entry.host())));
                }
                secure.setSSLParameters(parameters);
                secure.startHandshake();
                return talk(secure, target, headers, body);
            }
        }
    }

    private int talk(Socket socket, URI target, Map<String, String> headers, byte[] body) throws IOException {
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
        OutputStream out = socket.getOutputStream();
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
        return status(socket.getInputStream());
    }

    private static int status(InputStream in) throws IOException {
        int read = 0;
        while (true) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0 || ++read > MOST_ANSWER_BYTES) {
                    throw new IOException(
                            "the receiver's answer has no status line within " + MOST_ANSWER_BYTES + " bytes");
                }
                line.write(next);
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            if (text.matches("HTTP/1\\.[01] [2-5]\\d\\d.*\\s*")) {
                return Integer.parseInt(text.substring(9, 12));
            }
            boolean interim = text.matches("HTTP/1\\.[01] 1\\d\\d.*\\s*");
            boolean header = text.isBlank() || (read > line.size() && text.contains(":"));
            if (!interim && !header) {
                throw new IOException("the receiver does not answer in HTTP/1.1");
            }
        }
    }
}
