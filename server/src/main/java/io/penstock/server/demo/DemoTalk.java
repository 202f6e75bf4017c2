package io.penstock.server.demo;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Emits {@code text} word by word, one each {@code ms}, for those who follow the job. */
final class DemoTalk implements Handler<DemoTalk.Speech> {
    static final JobType<Speech> TYPE = JobType.of("demo.talk", Speech.class);

    /** A minute between two words. */
    private static final int LONGEST_MILLIS = 60_000;

    private static final String SMALL_TALK = "What a running job emits is heard while it runs, by whoever follows it.";

    /** @param text null = some of its own */
    record Speech(@Nullable String text, int ms) {}

    @Override
    @SuppressWarnings("ThreadSleep") // it is what this handler is for
    public void handle(Speech speech, JobContext context) throws InterruptedException {
        String text = speech.text() == null ? SMALL_TALK : speech.text();
        int millis = Demo.clamp(speech.ms(), LONGEST_MILLIS);
        int words = 0;
        for (int from = 0; from < text.length(); words++) {
            int space = text.indexOf(' ', from);
            int to = space < 0 ? text.length() : space + 1;
            context.emit(text.substring(from, to));
            from = to;
            Thread.sleep(millis);
        }
        context.result(Map.of("words", words));
    }
}
