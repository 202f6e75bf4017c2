package io.penstock.examples.chat;

import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends mail by SMTP, one connection a message; or writes to the log that it would have. */
final class Mailing implements Handler<Mail> {
    private static final Logger LOG = LoggerFactory.getLogger(Mailing.class);

    private final Properties properties = new Properties();
    private final String from;
    private final boolean sends;

    /** @param server {@code host:port}, empty = the log */
    Mailing(String server, String from) {
        this.from = from;
        this.sends = !server.isEmpty();
        int colon = server.lastIndexOf(':');
        properties.put("mail.smtp.host", colon < 0 ? server : server.substring(0, colon));
        properties.put("mail.smtp.port", colon < 0 ? "25" : server.substring(colon + 1));
        properties.put("mail.smtp.starttls.enable", "true"); // where it is offered
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.connectiontimeout", "5000");
        properties.put("mail.smtp.timeout", "15000");
        properties.put("mail.smtp.writetimeout", "15000");
        properties.put("mail.smtp.quitwait", "false");
    }

    @Override
    public void handle(Mail mail, JobContext job) throws MessagingException {
        if (!sends) {
            LOG.info("mail to {} is only told, as SMTP is not set: {}", mail.to(), mail.subject());
            return;
        }
        MimeMessage message = new MimeMessage(Session.getInstance(properties));
        message.setFrom(new InternetAddress(from, true));
        message.setRecipients(Message.RecipientType.TO, InternetAddress.parse(mail.to(), true));
        message.setSubject(mail.subject(), "UTF-8");
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no robot answers
        message.setHeader("Message-ID", "<" + job.id() + "@llm-chat>"); // the same at a second delivery
        message.setText(mail.text(), "UTF-8");
        Transport.send(message);
    }
}
