package io.penstock.server.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.Certificate;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.delivery.Outbound;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MailChannelTest {
    private static final String PASSWORD = "canary-password";
    private static final List<Notice> NOTICES =
            List.of(Notices.of("a", Severity.ERROR, "firing"), Notices.of("b", Severity.ERROR, "resolved"));

    private final Threads threads = new Threads(20);
    private final Timer timer = new Timer(Clock.system(), threads);

    @AfterEach
    void stop() {
        timer.close();
        threads.close();
    }

    private MailChannel channel(int port, String tls, String user, SSLSocketFactory trust) {
        MailChannel.Account account = new MailChannel.Account(
                "127.0.0.1",
                port,
                tls,
                user,
                user.isEmpty() ? "" : PASSWORD,
                "Penstock <penstock@example.com>",
                "ops@example.com, Zo\u00eb <zoe@example.com>");
        Outbound outbound = new Outbound(new AllowList(List.of("127.0.0.1:" + port)), timer);
        return new MailChannel(account, outbound, Clock.system(), trust);
    }

    private static SSLSocketFactory usual() {
        return (SSLSocketFactory) SSLSocketFactory.getDefault();
    }

    private static NotTaken refused(MailChannel channel) {
        NotTaken refused = catchThrowableOfType(NotTaken.class, () -> channel.send(NOTICES));
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).doesNotContain("canary");
        return refused;
    }

    @Test
    void sendsMailThatARealServerReads() throws Exception {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.setUser("ops@example.com", "ops@example.com", PASSWORD);
        server.start();
        try {
            int port = server.getSmtp().getPort();
            channel(port, "none", "", usual()).send(NOTICES);
            channel(port, "none", "ops@example.com", usual()).send(List.of(Notices.hostile()));
            assertThat(server.waitForIncomingEmail(10_000, 4)).isTrue();
            MimeMessage first = subject(server, "Penstock [ERROR] 1 firing, 1 resolved");
            assertThat(first.getContent().toString())
                    .contains("[ERROR] mail-backlog: 1,234 jobs wait in queue mail")
                    .contains("queue.mail.waiting = 1234.5 (threshold 1000)")
                    .contains("team=post");
            assertThat(first.getAllRecipients()).hasSize(2);
            assertThat(first.getHeader("To", null)).contains("=?UTF-8?").matches("[\\p{ASCII}]+");
            assertThat(first.getHeader("Auto-Submitted")).containsExactly("auto-generated");
            MimeMessage hostile = subject(server, "Penstock [CRITICAL]");
            assertThat(hostile.getHeader("Bcc")).isNull();
            assertThat(hostile.getAllRecipients()).hasSize(2);
        } finally {
            server.stop();
        }
    }

    private static MimeMessage subject(GreenMail server, String begin) throws MessagingException {
        for (MimeMessage message : server.getReceivedMessages()) {
            if (message.getSubject().startsWith(begin)) {
                return message;
            }
        }
        throw new AssertionError("no mail begins with " + begin);
    }

    @Test
    void logsInOnlyInsideTls(@TempDir Path dir) throws Exception {
        Certificate certificate = Certificate.in(dir);
        try (PostOffice office = new PostOffice(threads, certificate.context(), Map.of())) {
            channel(office.port(), "starttls", "ops", certificate.context().getSocketFactory())
                    .send(NOTICES);
            assertThat(office.said()).anyMatch(line -> line.startsWith("tls AUTH PLAIN"));
            assertThat(office.said()).noneMatch(line -> line.startsWith("AUTH"));
            assertThat(office.said()).anyMatch(line -> line.startsWith("tls MAIL FROM:<penstock@example.com>"));
        }
    }

    @Test
    void believesNoCertificateThatNobodyVouchesFor(@TempDir Path dir) throws Exception {
        Certificate certificate = Certificate.in(dir);
        try (PostOffice office = new PostOffice(threads, certificate.context(), Map.of())) {
            NotTaken refused = refused(channel(office.port(), "starttls", "ops", usual()));
            assertThat(refused).hasMessageContaining("no TLS with");
            assertThat(office.said()).noneMatch(line -> line.contains("AUTH"));
        }
    }

    @Test
    void saysNothingToAServerThatHidesItsTls() throws Exception {
        try (PostOffice office = new PostOffice(threads, null, Map.of())) {
            NotTaken refused = refused(channel(office.port(), "starttls", "ops", usual()));
            assertThat(refused).hasMessageContaining("does not offer STARTTLS");
            assertThat(refused.passing()).isFalse();
            assertThat(office.said()).noneMatch(line -> line.startsWith("AUTH") || line.startsWith("MAIL"));
        }
        try (PostOffice office = new PostOffice(threads, null, Map.of("", "220 not in TLS"))) {
            assertThat(refused(channel(office.port(), "tls", "ops", usual()))).hasMessageContaining("no TLS with");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MAIL|451 canary later|true|answered 451",
                "MAIL|550 canary never|false|answered 550",
                "RCPT|550 canary unknown|false|answered 550",
                "RCPT|452 canary full|true|answered 452",
                ".|452 canary full|true|answered 452",
                ".|554 canary spam|false|answered 554",
                "AUTH|535 canary wrong|false|user or password",
            })
    void goesByTheNumbersOfTheServerAndRepeatsNoWords(String word, String answer, boolean passing, String said)
            throws IOException {
        try (PostOffice office = new PostOffice(threads, null, Map.of(word, answer))) {
            NotTaken refused = refused(channel(office.port(), "none", "ops", usual()));
            assertThat(refused).hasMessageContaining(said);
            assertThat(refused.passing()).isEqualTo(passing);
        }
    }

    @Test
    void triesAgainWhenNobodyIsThere() throws IOException {
        int port;
        try (PostOffice office = new PostOffice(threads, null, Map.of("", "421 canary closing"))) {
            port = office.port();
            assertThat(refused(channel(port, "none", "", usual())).passing()).isTrue();
        }
        assertThat(refused(channel(port, "none", "", usual())).passing()).isTrue();
    }
}
