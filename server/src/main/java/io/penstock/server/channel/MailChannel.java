package io.penstock.server.channel;

import io.penstock.notice.Channel;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.runtime.Clock;
import io.penstock.server.delivery.Outbound;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * Sends mail, one connection a message.
 *
 * <p>The password never crosses the network in the clear: it needs {@code tls}. Errors name the number that the server
 * answered and never its words, which may repeat what it was sent.
 */
final class MailChannel implements Channel {
    /** RFC 5322 wants lines below 998 characters; a subject that long is read by nobody. */
    private static final int MOST_SUBJECT = 200;

    private final Account account;
    private final Outbound outbound;
    private final Clock clock;
    private final SSLSocketFactory trust;

    /**
     * Where mail goes.
     *
     * @param tls {@code starttls}, {@code tls} from the first byte, or {@code none}
     * @param user empty = no login
     */
    record Account(String host, int port, String tls, String user, String password, String from, String to) {
        @Override
        public String toString() {
            return "mail by " + host + ":" + port;
        }
    }

    MailChannel(Account account, Outbound outbound, Clock clock) {
        this(account, outbound, clock, (SSLSocketFactory) SSLSocketFactory.getDefault());
    }

    /** @param trust whose certificates are believed */
    MailChannel(Account account, Outbound outbound, Clock clock, SSLSocketFactory trust) {
        this.account = account;
        this.outbound = outbound;
        this.clock = clock;
        this.trust = trust;
    }

    @Override
    public String kind() {
        return Kind.SMTP.wire();
    }

    @Override
    public void send(List<Notice> notices) throws IOException {
        String server = "mail server \"" + account.host() + ":" + account.port() + "\"";
        try {
            outbound.mail(account.host(), account.port(), socket -> {
                talk(socket, notices, server);
                return true;
            });
        } catch (NotTaken told) {
            throw told;
        } catch (IllegalArgumentException refused) {
            throw NotTaken.ever(String.valueOf(refused.getMessage()));
        } catch (UnknownHostException unknown) {
            throw NotTaken.now("host \"" + account.host() + "\" is unknown to the name server");
        } catch (SSLException untrusted) {
            throw NotTaken.ever("no TLS with " + server + ": " + untrusted.getMessage());
        } catch (IOException broken) {
            throw NotTaken.now("no answer from " + server + ": " + broken.getMessage());
        }
    }

    private void talk(Socket plain, List<Notice> notices, String server) throws IOException {
        plain.setSoTimeout((int) Outbound.LONGEST.toMillis());
        Session session = Session.getInstance(properties());
        boolean login = !account.user().isEmpty();
        URLName name = new URLName(
                "smtp",
                account.host(),
                account.port(),
                null,
                login ? account.user() : null,
                login ? account.password() : null);
        try (SMTPTransport transport = new SMTPTransport(session, name)) {
            transport.connect(account.tls().equals("tls") ? secured(plain) : plain);
            MimeMessage message = message(session, notices);
            transport.sendMessage(message, message.getAllRecipients());
        } catch (MessagingException failed) {
            throw told(failed, server);
        }
    }

    private SSLSocket secured(Socket plain) throws IOException {
        SSLSocket secure = (SSLSocket) trust.createSocket(plain, account.host(), account.port(), false);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private Properties properties() {
        boolean starttls = account.tls().equals("starttls");
        Properties properties = new Properties();
        properties.put("mail.smtp.auth", Boolean.toString(!account.user().isEmpty()));
        properties.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
        properties.put("mail.smtp.starttls.enable", Boolean.toString(starttls));
        properties.put("mail.smtp.starttls.required", Boolean.toString(starttls));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.ssl.socketFactory", trust);
        properties.put("mail.smtp.sendpartial", "true"); // one bad address must not silence the others
        properties.put("mail.smtp.quitwait", "false");
        properties.put("mail.mime.charset", "UTF-8");
        return properties;
    }

    @SuppressWarnings("JavaUtilDate") // the library knows no other
    private MimeMessage message(Session session, List<Notice> notices) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(addresses(account.from())[0]);
        message.setRecipients(Message.RecipientType.TO, addresses(account.to()));
        message.setSubject("Penstock " + Wording.title(notices, MOST_SUBJECT), "UTF-8");
        message.setHeader(
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        Instant.ofEpochMilli(clock.millis()).atZone(ZoneOffset.UTC)));
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no robot answers
        message.setText(
                String.join(
                        "\n\n",
                        notices.stream()
                                .map(notice -> String.join("\n", Wording.lines(notice)))
                                .toList()),
                "UTF-8");
        message.saveChanges();
        return message;
    }

    /** Names are encoded: a header is ASCII. */
    private static InternetAddress[] addresses(String text) throws MessagingException {
        InternetAddress[] all = InternetAddress.parse(text, true);
        for (InternetAddress one : all) {
            try {
                one.setPersonal(one.getPersonal(), "UTF-8");
            } catch (UnsupportedEncodingException impossible) {
                throw new IllegalStateException("every Java has UTF-8", impossible);
            }
        }
        return all;
    }

    private static NotTaken told(MessagingException failed, String server) {
        if (failed instanceof AuthenticationFailedException) {
            return NotTaken.ever(server + " refuses user or password");
        }
        int code = code(failed);
        if (failed instanceof SendFailedException partly && length(partly.getValidSentAddresses()) > 0) {
            return NotTaken.ever(server + " refused some of the addresses (" + code + "); the others have it");
        }
        if (code >= 400) {
            String text = server + " answered " + code;
            return code < 500 ? NotTaken.now(text) : NotTaken.ever(text + "; a new try will not change that");
        }
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException untrusted) {
                return NotTaken.ever("no TLS with " + server + ": " + untrusted.getMessage());
            }
        }
        boolean withoutTls = String.valueOf(failed.getMessage()).contains("STARTTLS");
        return withoutTls
                ? NotTaken.ever(server + " does not offer STARTTLS; nothing was sent")
                : NotTaken.now("the talk with " + server + " broke off: "
                        + failed.getClass().getSimpleName());
    }

    private static int length(Object @Nullable [] addresses) {
        return addresses == null ? 0 : addresses.length;
    }

    /** Returns the first number of 400 and above that the server answered, or 0. */
    private static int code(MessagingException failed) {
        int last = 0;
        for (Exception one = failed;
                one != null;
                one = one instanceof MessagingException m ? m.getNextException() : null) {
            if (one instanceof SMTPSendFailedException send) {
                last = Math.max(last, send.getReturnCode());
            } else if (one instanceof SMTPAddressFailedException address) {
                last = Math.max(last, address.getReturnCode());
            }
        }
        return last;
    }

    @Override
    public void close() {
        // a connection lives for one message
    }
}
