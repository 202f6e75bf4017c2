package io.penstock.cli.top;

import java.io.IOException;
import org.jline.utils.NonBlockingReader;

/** A key as a person means it, whatever bytes the terminal sends for it. */
enum Key {
    UP,
    DOWN,
    PAGE_UP,
    PAGE_DOWN,
    HOME,
    END,
    ENTER,
    ESCAPE,
    ERASE,
    INTERRUPT,
    LETTER,
    OTHER;

    /** The rest of an escape sequence comes at once; a lone Escape is followed by nothing. */
    private static final long SEQUENCE_MILLIS = 150;

    private static final int ESC = 27;

    /** Longer ones are of keys that mean nothing here. */
    private static final int LONGEST = 8;

    /** Returns what one character, and what belongs to it, stands for. */
    static Key of(int first, NonBlockingReader reader) throws IOException {
        return switch (first) {
            case 3 -> INTERRUPT;
            case '\r', '\n' -> ENTER;
            case 8, 127 -> ERASE;
            case ESC -> sequence(reader);
            default -> first >= ' ' ? LETTER : OTHER;
        };
    }

    /** {@code ESC [ ... final} or {@code ESC O final}. */
    private static Key sequence(NonBlockingReader reader) throws IOException {
        int kind = reader.read(SEQUENCE_MILLIS);
        if (kind != '[' && kind != 'O') {
            return kind < 0 ? ESCAPE : OTHER;
        }
        StringBuilder sequence = new StringBuilder();
        for (int next = reader.read(SEQUENCE_MILLIS);
                next >= 0 && sequence.length() < LONGEST;
                next = reader.read(SEQUENCE_MILLIS)) {
            sequence.append((char) next);
            if (next >= '@') {
                break;
            }
        }
        return switch (sequence.toString()) {
            case "A" -> UP;
            case "B" -> DOWN;
            case "5~" -> PAGE_UP;
            case "6~" -> PAGE_DOWN;
            case "H", "1~" -> HOME;
            case "F", "4~" -> END;
            default -> OTHER;
        };
    }
}
