package io.penstock.cli.top;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jspecify.annotations.Nullable;

/**
 * The installation, live, on a terminal that it owns while it runs.
 *
 * <p>Cost: one request a period. Only what changed is drawn, so nothing flickers. The terminal is as it
 * was, however this ends. Threads: the one that runs it; the size may change and the end be asked for from others.
 */
public final class Top {
    /** One call has everything; 500 queues are 150 KB. */
    static final String PATH = "/api/v1/overview?queues=500&workers=1";

    /** A server that hangs must not hold up the keys for longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** A change of the size shows after this long. */
    private static final long BLINK_MILLIS = 200;

    private static final long TOLD_NANOS = Duration.ofSeconds(2).toNanos();
    private static final int END_OF_INPUT = -1;
    private static final int RUNNING = -1;
    private static final int PAGE = 10;

    private final Terminal terminal;
    private final Api api;
    private final boolean dryRun;
    private final Duration period;
    private final View view = new View();
    private final AtomicBoolean resized = new AtomicBoolean(true);
    private final AtomicInteger stopped = new AtomicInteger(RUNNING); // else the code to end with
    private Size size = Size.of(80, 24);
    private JsonNode overview;
    private String fault = "";
    private long nextNanos;
    private boolean dirty = true;
    private @Nullable Told told;

    /** What a key did to a queue, shown until the overview must know it too. */
    private record Told(String queue, String status, long untilNanos) {}

    /** @param dryRun whether pausing only says so */
    public Top(Terminal terminal, Api api, Duration period, boolean dryRun) {
        this.terminal = terminal;
        this.api = api;
        this.period = period;
        this.dryRun = dryRun;
        this.overview = Api.object();
    }

    /** Returns one frame as lines, for a pipe or a file. */
    public static List<String> once(Api api, int width, int height) {
        return Frame.of(api.get(PATH), new View(), api.url(), "", width, height).stream()
                .map(line -> line.toString().stripTrailing())
                .toList();
    }

    /**
     * Runs until somebody quits or the input ends.
     *
     * @return the code to end with
     * @throws Failure if the server does not answer at the beginning
     */
    public int run() throws IOException {
        overview = api.get(PATH, PATIENCE); // a wrong address or token is told where one can read it afterwards
        nextNanos = now() + period.toNanos();
        Attributes before = terminal.enterRawMode();
        try {
            enter();
            return loop();
        } finally {
            leave(before);
        }
    }

    /** Has it end with this code, soon; from any thread. */
    public void stop(int code) {
        stopped.compareAndSet(RUNNING, code);
    }

    private static long now() {
        return Clock.system().nanos();
    }

    private void enter() {
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlag(
                Attributes.LocalFlag.ISIG, false); // Ctrl-C is a key: whoever presses it wants the terminal back
        terminal.setAttributes(raw);
        terminal.handle(Terminal.Signal.WINCH, signal -> resized.set(true));
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
    }

    private void leave(Attributes before) {
        terminal.puts(Capability.exit_ca_mode);
        terminal.puts(Capability.cursor_normal);
        terminal.flush();
        terminal.setAttributes(before);
    }

    private int loop() throws IOException {
        Display display = new Display(terminal, true);
        while (stopped.get() == RUNNING) {
            if (resized.getAndSet(false)) {
                Size there = terminal.getSize();
                size = there.getColumns() > 0 && there.getRows() > 0 ? there : size;
                display.clear();
                display.resize(size);
                dirty = true;
            }
            if (dirty) {
                draw(display);
            }
            long left = (nextNanos - now()) / 1_000_000;
            int key = left <= 0 ? -2 : terminal.reader().read(Math.min(left, BLINK_MILLIS));
            if (key == END_OF_INPUT) {
                return Exit.OK; // the terminal is gone
            }
            if (key >= 0) {
                Key meant = Key.of(key, terminal.reader());
                if (meant == Key.INTERRUPT) {
                    return Exit.INTERRUPTED;
                }
                if (!pressed(meant, (char) key)) {
                    return Exit.OK;
                }
                dirty = true;
            } else if (left <= 0) {
                look();
            }
        }
        return stopped.get();
    }

    private void draw(Display display) {
        String about = api.url() + "  every " + period.toMillis() / 1e3 + " s";
        List<AttributedString> lines = Frame.of(overview, view, about, fault, size.getColumns(), size.getRows());
        display.update(lines, size.cursorPos(size.getRows() - 1, 0));
        dirty = false;
    }

    private void look() {
        try {
            overview = api.get(PATH, PATIENCE);
            correct();
            fault = "";
        } catch (Failure away) {
            fault = String.valueOf(away.getMessage());
        }
        nextNanos = now() + period.toNanos();
        dirty = true;
    }

    /** The server looks at its queues twice a second at most, so its overview may not yet know what was just done. */
    private void correct() {
        if (told == null || now() - told.untilNanos() > 0) {
            return;
        }
        for (JsonNode queue : overview.path("busiest")) {
            if (queue instanceof ObjectNode known && known.path("name").asText().equals(told.queue())) {
                known.put("status", told.status());
            }
        }
    }

    /** Does what a key says; false = quit. */
    private boolean pressed(Key key, char letter) {
        if (view.typing()) {
            typed(key, letter);
            return true;
        }
        view.say("");
        if (view.help()) {
            view.help(false);
            return true;
        }
        List<JsonNode> queues = view.queues(overview);
        switch (key) {
            case UP -> view.move(queues, -1);
            case DOWN -> view.move(queues, 1);
            case PAGE_UP -> view.move(queues, -PAGE);
            case PAGE_DOWN -> view.move(queues, PAGE);
            case HOME -> view.move(queues, -queues.size());
            case END -> view.move(queues, queues.size());
            case ESCAPE -> view.stopTyping(false);
            case LETTER -> {
                return command(letter, queues);
            }
            default -> {
                // means nothing here
            }
        }
        return true;
    }

    private boolean command(char letter, List<JsonNode> queues) {
        switch (letter) {
            case 'q' -> {
                return false;
            }
            case 'k' -> view.move(queues, -1);
            case 'j' -> view.move(queues, 1);
            case 's' -> view.sort();
            case '/' -> view.startTyping();
            case 'h', '?' -> view.help(true);
            case 'r' -> look();
            case 'p' -> pause(queues);
            default -> view.say("key " + letter + " means nothing; h shows those that do");
        }
        return true;
    }

    private void typed(Key key, char letter) {
        switch (key) {
            case ENTER -> view.stopTyping(true);
            case ESCAPE -> view.stopTyping(false);
            case ERASE -> view.erase();
            case LETTER -> view.type(letter);
            default -> {
                // not part of a name
            }
        }
    }

    private void pause(List<JsonNode> queues) {
        if (queues.isEmpty()) {
            view.say("there is no queue to pause");
            return;
        }
        JsonNode queue = queues.get(view.row(queues));
        String name = queue.path("name").asText();
        String verb = queue.path("status").asText().equals("active") ? "pause" : "resume";
        if (dryRun) {
            view.say("would " + verb + " " + name);
            return;
        }
        try {
            JsonNode now = api.post("/api/v1/queues/" + Api.quoted(name) + ":" + verb);
            told = new Told(name, now.path("status").asText(), now() + TOLD_NANOS);
            correct();
            view.say(name + (verb.equals("pause") ? " is paused; p resumes it" : " goes on"));
        } catch (Failure failure) {
            view.say(name + ": " + failure.getMessage());
        }
    }
}
