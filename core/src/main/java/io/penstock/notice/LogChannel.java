package io.penstock.notice;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes notices into the log of the process, one line each. */
public final class LogChannel implements Channel {
    private static final Logger LOG = LoggerFactory.getLogger(LogChannel.class);

    @Override
    public String kind() {
        return "log";
    }

    @Override
    public void send(List<Notice> notices) {
        notices.forEach(LogChannel::log);
    }

    /** Writes one notice. */
    public static void log(Notice notice) {
        String line = line(notice);
        boolean over = notice.state().equals("resolved");
        if (!over && notice.severity().compareTo(Severity.ERROR) >= 0) {
            LOG.error(line);
        } else if (!over && notice.severity() == Severity.WARNING) {
            LOG.warn(line);
        } else {
            LOG.info(line);
        }
    }

    /** Control characters out: names and summaries are written by others, and a line is one line. */
    static String line(Notice notice) {
        String text = "alert=" + notice.alert() + " state=" + notice.state() + " severity="
                + notice.severity().wire() + " rule=" + notice.rule() + " metric=" + notice.metric() + " value="
                + notice.value() + " threshold=" + notice.threshold() + " since=" + notice.since() + " tags="
                + notice.tags() + ": " + notice.summary();
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public void close() {
        // the log is not ours
    }
}
