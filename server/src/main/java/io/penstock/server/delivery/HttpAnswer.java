package io.penstock.server.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a receiver answered: data of a stranger, for this program to judge and not for people to see.
 *
 * <p>Bounds: {@value #MOST_HEAD_BYTES} bytes up to the end of the headers, of the body the first
 * {@value #MOST_BODY_BYTES}; what follows is not read.
 *
 * @param headers by their names in lower case, the first of each
 */
@SuppressWarnings("ArrayRecordComponent") // read once
public record HttpAnswer(int status, Map<String, String> headers, byte[] body) {
    static final int MOST_HEAD_BYTES = 64 << 10;

    /** The verdict of any vendor is a few hundred bytes. */
    static final int MOST_BODY_BYTES = 8 << 10;

    static HttpAnswer read(InputStream in) throws IOException {
        int status = status(in);
        Map<String, String> headers = new TreeMap<>();
        int left = MOST_HEAD_BYTES;
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            left -= line.length() + 2;
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.putIfAbsent(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return new HttpAnswer(status, headers, body(in, headers));
    }

    /** Reads up to the end of the status line that counts; interim answers and their headers are passed over. */
    static int status(InputStream in) throws IOException {
        int left = MOST_HEAD_BYTES;
        for (boolean first = true; ; first = false) {
            String text = line(in, left);
            left -= text.length() + 2;
            if (text.matches("HTTP/1\\.[01] [2-5]\\d\\d.*")) {
                return Integer.parseInt(text.substring(9, 12));
            }
            boolean interim = text.matches("HTTP/1\\.[01] 1\\d\\d.*");
            boolean header = text.isBlank() || (!first && text.contains(":"));
            if (!interim && !header) {
                throw new IOException("the receiver does not answer in HTTP/1.1");
            }
        }
    }

    private static String line(InputStream in, int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() >= most) {
                throw new IOException("the receiver's answer does not end its headers within " + MOST_HEAD_BYTES
                        + " bytes, or breaks off");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .contains("chunked")) {
            return chunks(in);
        }
        String length = headers.getOrDefault("content-length", "");
        int most = length.matches("\\d{1,4}") ? Math.min(MOST_BODY_BYTES, Integer.parseInt(length)) : MOST_BODY_BYTES;
        return in.readNBytes(most);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (body.size() < MOST_BODY_BYTES) {
            String size = line(in, 1_024).replaceAll(";.*", "").strip();
            if (!size.matches("[0-9a-fA-F]{1,8}")) {
                throw new IOException("the receiver's answer is not in chunks as it says");
            }
            long bytes = Long.parseLong(size, 16);
            if (bytes == 0) {
                break;
            }
            body.write(in.readNBytes((int) Math.min(bytes, MOST_BODY_BYTES - body.size())));
            if (body.size() < MOST_BODY_BYTES) {
                line(in, 1_024); // the end of the chunk
            }
        }
        return body.toByteArray();
    }
}
