package io.penstock.examples.chat.llm;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an answer, as they come, for a thread that waits for them.
 *
 * <p>The streams of {@code java.net.http} do not heed an interrupt before JDK 20, and jobs are stopped by interrupts; this
 * does. Bound: {@value #AHEAD} lines; a model that is faster waits.
 */
final class ModelLines implements Flow.Subscriber<String> {
    private static final int AHEAD = 64;

    private final BlockingQueue<Object> come = new LinkedBlockingQueue<>();
    private volatile Flow.@Nullable Subscription subscription;

    private enum Over {
        OVER
    }

    /** Status and headers are here before the first line. */
    HttpResponse.BodySubscriber<Void> begin(HttpResponse.ResponseInfo info) {
        come.add(info);
        return HttpResponse.BodySubscribers.fromLineSubscriber(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(AHEAD);
    }

    @Override
    public void onNext(String line) {
        come.add(line);
    }

    @Override
    public void onError(Throwable broken) {
        come.add(broken);
    }

    @Override
    public void onComplete() {
        come.add(Over.OVER);
    }

    HttpResponse.ResponseInfo head(Duration patience) throws IOException, InterruptedException {
        if (take(patience) instanceof HttpResponse.ResponseInfo info) {
            return info;
        }
        throw new IOException("the model answered without a head");
    }

    /** Returns the next line; null = that was all. */
    @Nullable
    String next(Duration patience) throws IOException, InterruptedException {
        Object item = take(patience);
        if (!(item instanceof String line)) {
            return null;
        }
        Flow.Subscription more = subscription;
        if (more != null) {
            more.request(1);
        }
        return line;
    }

    /** Tells whether no line is there right now: what was heard so far should be passed on. */
    boolean quiet() {
        return come.isEmpty();
    }

    private Object take(Duration patience) throws IOException, InterruptedException {
        Object item = come.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (item == null) {
            throw new HttpTimeoutException("the model said nothing for " + patience.toSeconds() + " s");
        }
        if (item instanceof Throwable broken) {
            throw new IOException("the connection to the model broke: " + broken.getMessage(), broken);
        }
        return item;
    }

    void cancel() {
        Flow.Subscription begun = subscription;
        if (begun != null) {
            begun.cancel();
        }
    }
}
