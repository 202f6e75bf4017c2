package io.penstock.examples.chat.stub;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;

/** One answer on its way, at its pace. Threads: that of the connection, which never waits. */
final class StubAnswer {
    private static final long LONGEST_HANG_MILLIS = TimeUnit.MINUTES.toMillis(10);

    private final HttpServerExchange exchange;
    private final StubSettings settings;
    private final SplittableRandom random;
    private final StubText text;
    private final XnioIoThread io;
    private int said;
    private int cutAt = Integer.MAX_VALUE;
    private @Nullable StreamSinkChannel sink;
    private ByteBuffer unwritten = ByteBuffer.allocate(0);
    private Runnable written = () -> {};

    StubAnswer(HttpServerExchange exchange, StubSettings settings, SplittableRandom random, StubText text) {
        this.exchange = exchange;
        this.settings = settings;
        this.random = random;
        this.text = text;
        this.io = exchange.getIoThread();
    }

    void begin(boolean hang, boolean cut) {
        if (hang) {
            io.executeAfter(this::hangUp, LONGEST_HANG_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        if (cut) {
            cutAt = settings.tokens() / 2;
        }
        if (text.stream()) {
            later(this::firstWord, settings.firstTokenMillis());
            return;
        }
        long all = (long) settings.tokenMillis() * settings.tokens();
        later(this::whole, (int) Math.min(Integer.MAX_VALUE, settings.firstTokenMillis() + all));
    }

    private void whole() {
        if (cutAt < Integer.MAX_VALUE) {
            hangUp();
            return;
        }
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < settings.tokens(); i++) {
            content.append(text.token(i, random));
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(ByteBuffer.wrap(text.whole(content.toString(), settings.tokens())));
    }

    private void firstWord() {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
        StreamSinkChannel opened = exchange.getResponseChannel();
        if (opened == null) {
            hangUp();
            return;
        }
        opened.getWriteSetter().set(channel -> write());
        sink = opened;
        nextWord();
    }

    private void nextWord() {
        if (said >= cutAt) {
            hangUp();
        } else if (said == settings.tokens()) {
            say(text.lastChunk(said), exchange::endExchange);
        } else {
            say(text.chunk(text.token(said++, random)), () -> later(this::nextWord, settings.tokenMillis()));
        }
    }

    private void say(byte[] bytes, Runnable then) {
        unwritten = ByteBuffer.wrap(bytes);
        written = then;
        write();
    }

    private void write() {
        StreamSinkChannel channel = sink;
        if (channel == null) {
            return;
        }
        try {
            while (unwritten.hasRemaining()) {
                if (channel.write(unwritten) == 0) {
                    channel.resumeWrites();
                    return;
                }
            }
            if (!channel.flush()) {
                channel.resumeWrites();
                return;
            }
            channel.suspendWrites();
            Runnable then = written;
            written = () -> {};
            then.run();
        } catch (IOException left) {
            hangUp();
        }
    }

    /** Half of the wait is sure, the other half and as much again is chance. */
    private void later(Runnable step, int medianMillis) {
        long wait = (long) medianMillis / 2 + (medianMillis == 0 ? 0 : random.nextInt(medianMillis + 1));
        io.executeAfter(step, wait, TimeUnit.MILLISECONDS);
    }

    private void hangUp() {
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }
}
