package io.penstock.examples.chat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jline.utils.Signals;
import org.slf4j.LoggerFactory;

/** {@code penstock example llm-chat}: the application, until a signal ends it. */
public final class Main {
    private Main() {}

    /** Starts it with these flags over the environment. */
    public static void main(String[] flags) {
        ChatApp app;
        try {
            app = ChatApp.start(ChatSettings.read(List.of(flags), System.getenv()));
        } catch (IllegalArgumentException wrong) {
            System.err.println("llm-chat: " + wrong.getMessage());
            Runtime.getRuntime().halt(2); // usage
            return;
        } catch (RuntimeException failed) {
            LoggerFactory.getLogger(Main.class).error("llm-chat did not start", failed);
            Runtime.getRuntime().halt(1);
            return;
        }
        CountDownLatch over = new CountDownLatch(1);
        for (String signal : new String[] {"TERM", "INT", "HUP"}) {
            Signals.register(signal, over::countDown);
        }
        String dashboard = app.dashboardAddress();
        System.out.println("llm-chat ready on http://127.0.0.1:" + app.port()
                + (dashboard.isEmpty() ? "" : " (dashboard " + dashboard + ")"));
        System.out.flush();
        try (app) {
            over.await();
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        }
    }
}
