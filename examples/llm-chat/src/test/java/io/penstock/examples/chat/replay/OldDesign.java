package io.penstock.examples.chat.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The old backend: {@code GET /api/agents}, {@code POST /api/chat}, {@code GET /api/health}, made of the old parts.
 *
 * <p>Started as a process of its own: {@code OldDesign PORT REDIS_URI MODEL_ENDPOINT}; says {@code replay ready on URL}.
 */
public final class OldDesign implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** That there are. */
    public static final int AGENTS = 5;

    private static final int BACKLOG = 1_024;
    private static final Duration OPTIMISE = Duration.ofSeconds(30);
    private static final Duration CLEAN = Duration.ofMinutes(1);
    private static final String END = "\u0000end";

    private final OldTimers timers = new OldTimers();
    private final OldPool pool;
    private final OldAgents agents;
    private final OldModel model;
    private final Map<String, List<Map<String, String>>> conversations = new ConcurrentHashMap<>();
    private final Map<String, OldQueue> queues = new LinkedHashMap<>();
    private final List<OldMonitoring> monitorings = new ArrayList<>();
    private final AtomicInteger optimisations = new AtomicInteger();
    private final ExecutorService requests = Executors.newCachedThreadPool();
    private final HttpServer http;

    public OldDesign(int port, String redis, String endpoint) throws Exception {
        pool = new OldPool(redis);
        agents = new OldAgents(endpoint, AGENTS);
        model = new OldModel(endpoint);
        manage("chat", this::answer);
        manage("mail", (job, payload) -> "sent");
        manage("webhook", (job, payload) -> "delivered");
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        http.setExecutor(requests);
        http.createContext("/api/agents", exchange -> guarded(exchange, () -> send(exchange, agents.all())));
        http.createContext("/api/chat", exchange -> guarded(exchange, () -> chat(exchange)));
        http.createContext("/api/health", exchange -> guarded(exchange, () -> send(exchange, health())));
        http.start();
    }

    /** What the report calls a QueueManager: each has monitoring and an optimiser of its own. */
    private void manage(String name, OldQueue.Handler handler) {
        queues.put(name, new OldQueue(name, pool, timers, handler));
        OldMonitoring monitoring = new OldMonitoring();
        monitoring.start(name, timers);
        monitorings.add(monitoring);
        timers.every("optimise-" + name, OPTIMISE, () -> {
            System.gc();
            optimisations.incrementAndGet();
        });
        timers.every("clean-" + name, CLEAN, () -> {}); // it looked, and kept everything
        timers.every("health-" + name, OPTIMISE, () -> pool.call("PING"));
    }

    public static void main(String[] args) throws Exception {
        try (OldDesign design = new OldDesign(Integer.parseInt(args[0]), args[1], args[2])) {
            System.out.println("replay ready on " + design.url());
            new CountDownLatch(1).await();
        }
    }

    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private String answer(String job, String payload) throws Exception {
        JsonNode turn = JSON.readTree(payload);
        List<Map<String, String>> conversation =
                conversations.computeIfAbsent(turn.path("conversation").asText(), id -> new ArrayList<>());
        conversation.add(Map.of("role", "user", "content", turn.path("message").asText()));
        OldQueue chat = queues.get("chat");
        String answer = model.ask(conversation, word -> chat.progress(job, word));
        conversation.add(Map.of("role", "assistant", "content", answer));
        chat.progress(job, END);
        queues.get("mail").add(job, "a mail");
        queues.get("webhook").add(job, "a webhook");
        return answer;
    }

    private void chat(HttpExchange exchange) throws Exception {
        JsonNode asked = JSON.readTree(exchange.getRequestBody());
        String job = UUID.randomUUID().toString();
        BlockingQueue<String> words = new LinkedBlockingQueue<>();
        queues.get("chat").onProgress((of, word) -> {
            if (of.equals(job)) {
                words.add(word);
            }
        });
        String conversation = asked.path("conversation").asText(job);
        queues.get("chat")
                .add(
                        job,
                        JSON.writeValueAsString(Map.of(
                                "conversation",
                                conversation,
                                "message",
                                asked.path("message").asText())));
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        event(out, "accepted", Map.of("id", job));
        for (String word = words.take(); !word.equals(END); word = words.take()) {
            event(out, "token", Map.of("text", word));
        }
        event(out, "done", Map.of("id", job));
    }

    private static void event(OutputStream out, String name, Map<String, String> data) throws IOException {
        out.write(("event: " + name + "\ndata: " + JSON.writeValueAsString(data) + "\n\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private Map<String, Object> health() throws Exception {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("timers", timers.count());
        health.put("connectionsAskedAtMost", pool.mostAsking());
        health.put("waitingAtMost", pool.mostWaiting());
        health.put("redisP50Millis", pool.percentile(0.5));
        health.put("redisP99Millis", pool.percentile(0.99));
        health.put("optimisations", optimisations.get());
        health.put(
                "samples", monitorings.stream().mapToInt(OldMonitoring::samples).sum());
        health.put(
                "listeners",
                queues.values().stream().mapToInt(OldQueue::listeners).sum());
        health.put("results", queues.values().stream().mapToInt(OldQueue::kept).sum());
        return health;
    }

    private static void send(HttpExchange exchange, Object answer) throws IOException {
        byte[] body = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void guarded(HttpExchange exchange, OldTimers.Work work) throws IOException {
        try {
            work.run();
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
        } catch (Exception failed) {
            System.err.println("replay: " + exchange.getRequestURI() + " failed: " + failed);
            exchange.sendResponseHeaders(500, -1);
        } finally {
            exchange.close();
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        http.stop(0);
        timers.close();
        requests.shutdownNow();
        pool.close();
        agents.close();
    }
}
