package io.penstock.server.http;

import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that name a host which is not this server.
 *
 * <p>On a loopback bind a page of the internet can rebind its own name to 127.0.0.1 and have the browser ask us; the
 * Host header still tells the page's name.
 */
public final class HostGuard {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> legal;
    private final boolean any;

    /** @param any whether every name passes: on an address that the operator opened to others on purpose */
    public HostGuard(Set<String> more, boolean any) {
        this.legal = new HashSet<>(LOOPBACK);
        more.forEach(name -> legal.add(name.toLowerCase(Locale.ROOT)));
        this.any = any;
    }

    /**
     * Passes a name of ours.
     *
     * @throws Problem MISDIRECTED if it is none
     */
    public void check(@Nullable String host) {
        if (any) {
            return;
        }
        String name = host == null ? "" : name(host.toLowerCase(Locale.ROOT));
        if (!legal.contains(name)) {
            throw Problem.of(
                    ProblemType.MISDIRECTED,
                    "host \"" + Text.shown(name)
                            + "\" is not a name of this server; nothing was done; use localhost, or add the name"
                            + " to the setting hosts");
        }
    }

    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
