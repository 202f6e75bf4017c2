package io.penstock.server.delivery;

import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way out of this network for what an operator configures: to public addresses, and to those that are listed.
 *
 * <p>A name is resolved once, every address of it is checked, and the connection goes to the one that was checked.
 * Unlisted, only https on port 443 and mail on its usual ports are spoken. No redirect is followed. Time: a conversation
 * ends after {@link #LONGEST}, whatever the other side does; resolving the name is the system's and comes before that.
 * Threads: safe.
 */
public final class Outbound {
    /** A receiver that takes longer is as good as away; three times what a slow mail server takes. */
    public static final Duration LONGEST = Duration.ofSeconds(15);

    /** SMTP between servers, submission in TLS, submission, and its usual stand-in. */
    private static final Set<Integer> MAIL_PORTS = Set.of(25, 465, 587, 2_525);

    private final AllowList listed;
    private final Timer timer;
    private final Duration longest;

    /** What is done with an open socket. */
    public interface Talk<T> {
        T over(Socket socket) throws IOException;
    }

    public Outbound(AllowList listed, Timer timer) {
        this(listed, timer, LONGEST);
    }

    Outbound(AllowList listed, Timer timer, Duration longest) {
        this.listed = listed;
        this.timer = timer;
        this.longest = longest;
    }

    /**
     * Checks that an address is one to post to, as far as can be told without asking a name server.
     *
     * @throws IllegalArgumentException if not; says neither path nor query, they may be secrets
     */
    public AllowList.Entry check(URI target) {
        return listed.find(target).orElseGet(() -> {
            String scheme = target.getScheme() == null ? "" : target.getScheme().toLowerCase(Locale.ROOT);
            String host = target.getHost() == null ? "" : target.getHost().toLowerCase(Locale.ROOT);
            boolean usual = target.getPort() < 0 || target.getPort() == 443;
            if (scheme.equals("https") && !host.isEmpty() && usual && target.getUserInfo() == null) {
                return new AllowList.Entry(scheme, host, 443);
            }
            throw new IllegalArgumentException("\"" + Text.shown(scheme + "://" + host)
                    + "\" is neither https on port 443 nor on the list channel.allow (or has a user in it);"
                    + " nothing was sent; list it as host:port or http://host:port");
        });
    }

    /**
     * Checks that a mail server is one to speak to, as far as can be told without asking a name server.
     *
     * @throws IllegalArgumentException if not
     */
    public void checkMail(String host, int port) {
        if (!MAIL_PORTS.contains(port) && !listed.lists(host, port)) {
            throw new IllegalArgumentException("port " + port + " is none of " + MAIL_PORTS + " and \""
                    + Text.shown(host) + ":" + port
                    + "\" is not on the list channel.allow; nothing was sent; use one of them or list it");
        }
    }

    /**
     * Posts and returns the answer, whatever its status.
     *
     * @throws IllegalArgumentException if the address is not one to post to
     * @throws IOException if nobody answers in time
     */
    public HttpAnswer post(URI target, Map<String, String> headers, byte[] body) throws IOException {
        AllowList.Entry entry = check(target);
        InetAddress address =
                AllowList.resolve(entry.host(), listed.find(target).isPresent() && entry.literal());
        PinnedPost post = new PinnedPost(entry, address);
        return within(socket -> post.exchange(socket, target, headers, body));
    }

    /**
     * Connects to a mail server. A listed one may be private, by address or by name: mail servers often are, and their
     * certificates are for their names.
     *
     * @throws IllegalArgumentException if it is not one to speak to
     * @throws IOException if nobody answers in time
     */
    public <T> T mail(String host, int port, Talk<T> talk) throws IOException {
        checkMail(host, port);
        InetAddress checked = AllowList.resolve(host, listed.lists(host, port));
        // with the name, so that nobody asks for it backwards and TLS checks the one that was configured
        InetAddress named = InetAddress.getByAddress(host, checked.getAddress());
        return within(socket -> {
            socket.connect(new InetSocketAddress(named, port), (int) LONGEST.toMillis());
            return talk.over(socket);
        });
    }

    /** A socket's own timeouts are for one read each; a receiver that drips would keep us for hours. */
    private <T> T within(Talk<T> talk) throws IOException {
        Socket socket = new Socket();
        AtomicBoolean late = new AtomicBoolean();
        Task deadline = timer.after("outbound-deadline", longest, () -> {
            late.set(true);
            close(socket);
        });
        try {
            return talk.over(socket);
        } catch (IOException broken) {
            if (late.get()) {
                throw new IOException("the receiver was not done within " + longest.toMillis() + " ms", broken);
            }
            throw broken;
        } finally {
            deadline.close();
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close(); // the one below TLS: it waits for nobody
        } catch (IOException unimportant) {
            // it was to be closed, and nobody uses it any more
        }
    }
}
