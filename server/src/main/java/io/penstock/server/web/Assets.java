package io.penstock.server.web;

import io.penstock.server.wire.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard's files, compressed, under a name for all of them together.
 *
 * <p>Modules import one another by relative names, so one name in the path of all is what lets browsers keep every file for
 * good. Bound: the files of the jar, about 120 KB compressed; who cannot read gzip costs an inflation.
 */
final class Assets {
    private static final String ROOT = "ui";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml");

    private final Map<String, Asset> files;
    private final String version;

    /** One file. */
    @SuppressWarnings("ArrayRecordComponent") // made once, sent as it is
    record Asset(String type, byte[] gzip, String tag) {
        byte[] plain() {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
                return in.readAllBytes();
            } catch (IOException impossible) {
                throw new UncheckedIOException("what was compressed here cannot be read", impossible);
            }
        }
    }

    private Assets(Map<String, Asset> files, String version) {
        this.files = files;
        this.version = version;
    }

    /** Reads all of them; about 30 ms. */
    static Assets read() {
        try {
            URI root = Objects.requireNonNull(Assets.class.getResource(ROOT), "the dashboard is not in the jar")
                    .toURI();
            if (!root.getScheme().equals("jar")) {
                return of(Path.of(root));
            }
            try (FileSystem jar = FileSystems.newFileSystem(root, Map.of())) {
                return of(jar.getPath(root.getSchemeSpecificPart()
                        .substring(root.getSchemeSpecificPart().indexOf('!') + 1)));
            }
        } catch (IOException | URISyntaxException broken) {
            throw new IllegalStateException("the dashboard's files cannot be read: " + broken, broken);
        }
    }

    private static Assets of(Path root) throws IOException {
        Map<String, byte[]> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                all.put(root.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        }
        MessageDigest digest = Digest.fresh();
        all.forEach((name, bytes) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        });
        String version = HexFormat.of().formatHex(digest.digest(), 0, 8);
        Map<String, Asset> files = new TreeMap<>();
        all.forEach((name, bytes) -> files.put(name, asset(name, bytes, version)));
        return new Assets(files, version);
    }

    private static Asset asset(String name, byte[] bytes, String version) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        byte[] whole = name.endsWith(".html")
                ? new String(bytes, StandardCharsets.UTF_8)
                        .replace("{version}", version)
                        .getBytes(StandardCharsets.UTF_8)
                : bytes;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(whole);
        } catch (IOException impossible) {
            throw new UncheckedIOException("compressing in memory failed", impossible);
        }
        String tag = '"' + HexFormat.of().formatHex(Digest.sha256(whole), 0, 8) + '"';
        return new Asset(type == null ? "text/plain; charset=utf-8" : type, out.toByteArray(), tag);
    }

    /** Returns the name for all files together; any change of any of them changes it. */
    String version() {
        return version;
    }

    @Nullable
    Asset find(String name) {
        return files.get(name);
    }

    /** Returns the names, sorted. */
    Iterable<String> names() {
        return files.keySet();
    }
}
