package io.penstock.server.delivery;

import io.penstock.server.wire.Text;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The places that the http handler may deliver to.
 *
 * <p>An entry is {@code host}, {@code host:port} or {@code http://host:port}; without a scheme it is https. Hosts are
 * compared whole, never by pattern. An address that a host name resolves to must be public; who wants to reach a private
 * one lists the address itself, and so says that it is meant.
 */
public final class AllowList {
    private static final Pattern LITERAL = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+]");

    /** What IANA keeps from the public internet: private, shared (RFC 6598), benchmark (RFC 2544), examples, the future. */
    private static final List<Block> RESERVED_4 = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3")
            .map(Block::of)
            .toList();

    /** Global unicast: local, link-local and mapped addresses lie outside. */
    private static final Block GLOBAL_6 = Block.of("2000::/3");

    /** Teredo and 6to4, which carry any IPv4 address inside, and the examples. */
    private static final List<Block> RESERVED_6 =
            Stream.of("2001::/32", "2001:db8::/32", "2002::/16").map(Block::of).toList();

    private final List<Entry> entries;

    public AllowList(List<String> entries) {
        this.entries = entries.stream().map(Entry::parse).toList();
    }

    /** One legal place. */
    public record Entry(String scheme, String host, int port) {
        public static Entry parse(String text) {
            try {
                URI uri = URI.create(text.contains("://") ? text : "https://" + text);
                String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
                boolean plain = uri.getHost() != null
                        && uri.getUserInfo() == null
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null
                        && (uri.getRawPath() == null || uri.getRawPath().isEmpty());
                if (plain && (scheme.equals("https") || scheme.equals("http"))) {
                    return new Entry(scheme, uri.getHost().toLowerCase(Locale.ROOT), portOf(uri, scheme));
                }
            } catch (IllegalArgumentException notOne) {
                // told below
            }
            throw new IllegalArgumentException("hosts as host, host:port or http://host:port with commas between them");
        }

        boolean literal() {
            return LITERAL.matcher(host).matches();
        }
    }

    private static int portOf(URI uri, String scheme) {
        return uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    }

    /**
     * Finds the entry that allows this address.
     *
     * @throws IllegalArgumentException if none does
     */
    Entry entry(URI target) {
        return find(target)
                .orElseThrow(() -> new IllegalArgumentException("\""
                        + Text.shown(lower(target.getScheme()) + "://" + lower(target.getHost()))
                        + "\" is not on the list http.allow (or has a user in it);"
                        + " nothing was sent; list it or send elsewhere"));
    }

    /** Finds the entry that lists this address. */
    Optional<Entry> find(URI target) {
        String scheme = lower(target.getScheme());
        String host = lower(target.getHost());
        if (target.getUserInfo() != null) {
            return Optional.empty();
        }
        return entries.stream()
                .filter(entry ->
                        entry.scheme.equals(scheme) && entry.host.equals(host) && entry.port == portOf(target, scheme))
                .findFirst();
    }

    /** Tells whether this host and port is listed, whatever is spoken there. */
    boolean lists(String host, int port) {
        return entries.stream().anyMatch(entry -> entry.host.equals(lower(host)) && entry.port == port);
    }

    private static String lower(@Nullable String part) {
        return part == null ? "" : part.toLowerCase(Locale.ROOT);
    }

    /**
     * Resolves the host once and checks every address, so that the connection goes where the check looked.
     *
     * @throws UnknownHostException if the name is unknown
     * @throws IllegalArgumentException if an address is not one that may be reached
     */
    static InetAddress resolve(Entry entry) throws UnknownHostException {
        return resolve(entry.host, entry.literal());
    }

    /**
     * Resolves the host once and checks every address.
     *
     * @param meant whether it may be private; link-local, such as the metadata of a cloud, it may never be
     */
    static InetAddress resolve(String host, boolean meant) throws UnknownHostException {
        InetAddress[] addresses = InetAddress.getAllByName(host);
        for (InetAddress address : addresses) {
            boolean never = address.isAnyLocalAddress() || address.isMulticastAddress() || address.isLinkLocalAddress();
            if (never || !(meant || isPublic(address))) {
                throw new IllegalArgumentException("host \"" + host + "\" has the address " + address.getHostAddress()
                        + ", which is not public; nothing was sent; list the address itself if it is meant");
            }
        }
        return addresses[0];
    }

    /** Tells whether an address is reachable for everybody: not loopback, private, shared, reserved or a tunnel to such. */
    static boolean isPublic(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        return bytes.length == 4
                ? RESERVED_4.stream().noneMatch(block -> block.holds(bytes))
                : GLOBAL_6.holds(bytes) && RESERVED_6.stream().noneMatch(block -> block.holds(bytes));
    }

    /** Addresses that share their first bits. */
    @SuppressWarnings("ArrayRecordComponent") // never changed
    private record Block(byte[] first, int bits) {
        static Block of(String cidr) {
            int slash = cidr.indexOf('/');
            try {
                byte[] first = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
                return new Block(first, Integer.parseInt(cidr.substring(slash + 1)));
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(cidr + " is an address, not a name", impossible);
            }
        }

        boolean holds(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((address[bit >> 3] & mask) != (first[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
