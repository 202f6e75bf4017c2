package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.examples.chat.llm.ModelAnswer;
import io.penstock.job.Awaited;
import io.penstock.job.Follower;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.Payload;
import io.penstock.job.Place;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Brings the answer of a job to the caller who waits: as events while it is being given, or whole. When the last caller of a
 * job leaves, the job is cancelled: nobody pays for an answer that nobody reads.
 *
 * <p>Threads: none of its own, and none waits. Bound: the connections of {@link Front}.
 */
final class Delivery implements AutoCloseable {
    private static final Duration LONGEST_STREAM = Duration.ofMinutes(30);
    private static final Duration USUAL_WAIT = Duration.ofSeconds(60);

    /** Proxies give up on connections that are silent for a minute. */
    private static final Duration BEAT = Duration.ofSeconds(15);

    private final Penstock penstock;
    private final History history;
    private final Set<Seat> streaming = ConcurrentHashMap.newKeySet();
    private final Task beats;
    private volatile boolean closing;

    /**
     * Which answer is brought.
     *
     * @param shared whether the job was there before
     * @param stays whether it goes on when the caller leaves, because it said that it will come again
     */
    record Order(String tenant, String turn, String conversation, JobId job, boolean shared, boolean stays) {}

    Delivery(Penstock penstock, History history) {
        this.penstock = penstock;
        this.history = history;
        this.beats = penstock.timer().every("chat-beat", BEAT, () -> streaming.forEach(Seat::beat));
    }

    static boolean wantsEvents(Request request) {
        String accept = request.header("Accept");
        return accept != null && accept.contains("text/event-stream");
    }

    void deliver(Request request, Order order) {
        new Seat(request, order, wantsEvents(request)).take(); // the answer comes when the job has one
    }

    /** One caller. */
    private final class Seat implements Follower {
        private final Request request;
        private final Order order;
        private final @Nullable EventStream stream;
        private final AtomicBoolean left = new AtomicBoolean();
        private volatile @Nullable Subscription following;
        private long run; // these three are of whoever tells, one at a time
        private int heard;
        private boolean deaf;

        Seat(Request request, Order order, boolean events) {
            this.request = request;
            this.order = order;
            request.exchange().setPersistent(false); // said in the head, so before that is written: see Presence
            this.stream = events ? new EventStream(request.exchange()) : null;
        }

        void take() {
            if (stream != null) {
                stream.send("turn", head("waiting"));
                streaming.add(this);
            }
            Presence.watch(request.exchange(), this::gone);
            following = penstock.feeds().follow(order.job(), stream != null ? LONGEST_STREAM : patience(), this);
            if (left.get()) {
                leave();
            }
        }

        private Duration patience() {
            String wait = request.query("wait");
            return wait != null && wait.matches("\\d{1,3}") ? Duration.ofSeconds(Integer.parseInt(wait)) : USUAL_WAIT;
        }

        @Override
        public void piece(Place place, String text) {
            if (place.run() != run) { // the model is asked anew, and so is what it says
                run = place.run();
                heard = 0;
                deaf = false;
            }
            if (stream != null && !left.get() && !deaf) {
                stream.send("delta", Map.of("at", heard, "text", text));
                heard += text.length();
            }
        }

        @Override
        public void missed(long ofRun, long first, long last) {
            run = ofRun;
            deaf = true; // what follows would have no place: the end tells all
        }

        @Override
        public void ended(Awaited end) {
            onWorker(() -> {
                if (left.compareAndSet(false, true)) {
                    leave();
                    finish(end);
                }
            });
        }

        void beat() {
            if (stream != null) {
                stream.beat();
            }
        }

        private boolean leave() {
            streaming.remove(this);
            Subscription mine = following;
            if (mine != null) {
                mine.close();
            }
            return penstock.feeds().followers(order.job()) == 0;
        }

        private void gone() {
            if (left.compareAndSet(false, true) && leave() && !order.stays() && !closing) {
                onWorker(() -> penstock.queue(order.job().queue()).cancel(order.job()));
            }
        }

        /** What asks Redis or the database does not do so on a thread that others need. */
        private void onWorker(Runnable work) {
            try {
                request.exchange().getConnection().getWorker().execute(work);
            } catch (RejectedExecutionException stopping) {
                leave(); // the server stops; the job does not
            }
        }

        private void finish(Awaited end) {
            Map<String, Object> told;
            try {
                told = outcome(end);
            } catch (RuntimeException broken) {
                told = problem(Front.told(broken));
            }
            if (stream != null) {
                stream.send(String.valueOf(told.get("state")), told);
                stream.end();
            } else {
                request.answer("completed".equals(told.get("state")) ? 200 : status(told), told);
            }
        }

        private static int status(Map<String, Object> told) {
            return switch (String.valueOf(told.get("state"))) {
                case "failed" -> 502;
                case "cancelled" -> 409;
                default -> 202;
            };
        }

        private Map<String, Object> problem(Problem problem) {
            Map<String, Object> told = head("failed");
            told.put("error", problem.getMessage());
            return told;
        }

        private Map<String, Object> outcome(Awaited end) {
            if (end instanceof Awaited.Ended ended) {
                return outcome(ended.job());
            }
            History.Entry entry =
                    history.of(order.tenant(), order.job()); // its job may be forgotten, its answer is not
            if (entry != null && entry.answer() != null) {
                return answered(
                        "completed", new ModelAnswer(entry.answer(), String.valueOf(entry.ending()), entry.tokens()));
            }
            return head(end instanceof Awaited.Gone ? "gone" : "pending");
        }

        private Map<String, Object> outcome(Job job) {
            byte[] result = job.result();
            if (result != null) {
                return answered(job.state().wire(), Payload.decode(result, ModelAnswer.class));
            }
            Map<String, Object> told = head(job.state().wire());
            if (job.error() != null) {
                told.put("error", String.valueOf(job.error().message()));
            }
            return told;
        }

        private Map<String, Object> answered(String state, ModelAnswer answer) {
            Map<String, Object> told = head(state);
            told.put("answer", answer.text());
            told.put("ending", answer.ending());
            told.put("tokens", answer.tokens());
            return told;
        }

        private Map<String, Object> head(String state) {
            Map<String, Object> head = new LinkedHashMap<>();
            head.put("id", order.conversation());
            head.put("turn", order.turn());
            head.put("job", order.job().toString());
            head.put("state", state);
            head.put("shared", order.shared());
            return head;
        }
    }

    /** Whoever is hung up on from now on has not left: turns go on, here or after a restart. */
    @Override
    public void close() {
        closing = true;
        beats.close();
    }
}
