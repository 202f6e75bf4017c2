package io.penstock.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TaskMessageTest {
    /** Written by protoc: type image:resize, five bytes, id, queue default, retry 3, timeout 60, header trace-id abc. */
    private static final String RESIZE =
            "CgxpbWFnZTpyZXNpemUSBQABAv7/Gg0yMjIyMjIyMi1hYWFhIgdkZWZhdWx0KANAPHoPCgh0cmFjZS1pZBIDYWJj";

    @Test
    void readsWhatTheRealEncoderWrote() {
        TaskMessage task = TaskMessage.read(Base64.getDecoder().decode(RESIZE));
        assertThat(task.type).isEqualTo("image:resize");
        assertThat(task.payload).containsExactly(0, 1, 2, 254, 255);
        assertThat(task.id).isEqualTo("22222222-aaaa");
        assertThat(task.retry).isEqualTo(3);
        assertThat(task.timeoutSeconds).isEqualTo(60);
        assertThat(task.headers).containsEntry("trace-id", "abc");
    }

    @Test
    void passesOverFieldsThatItDoesNotKnow() {
        byte[] message = {(byte) 0xa8, 0x01, 0x07, (byte) 0xb1, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 1, 'x'};
        assertThat(TaskMessage.read(message).type).isEqualTo("x");
    }

    @Test
    void refusesWhatIsCutOrWrongAndNothingElseHappens() {
        byte[] whole = Base64.getDecoder().decode(RESIZE);
        assertThatIllegalArgumentException().isThrownBy(() -> TaskMessage.read(java.util.Arrays.copyOf(whole, 20)));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = 0; change < 3; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            assertThatCode(() -> {
                        try {
                            TaskMessage.read(bytes);
                        } catch (IllegalArgumentException told) {
                            // as it should
                        }
                    })
                    .as("seed " + seed)
                    .doesNotThrowAnyException();
        }
    }
}
