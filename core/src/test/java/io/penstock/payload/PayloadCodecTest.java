package io.penstock.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.payload.PayloadException.Reason;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

final class PayloadCodecTest {
    private static final String BOUND = "mail\nmail.send";
    private static final byte[] TEXT = "{\"to\":\"someone\",\"body\":\"hello hello hello\"}".getBytes(UTF_8);

    static byte[] key(int seed) {
        byte[] key = new byte[32];
        new Random(seed).nextBytes(key);
        return key;
    }

    private static final KeyRing ONE = KeyRing.of("k1", key(1));

    private static PayloadCodec encrypting(KeyRing ring) {
        return new PayloadCodec(PayloadConfig.PLAIN.encrypt(ring));
    }

    private static byte[] repeated(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    private static void assertRefused(PayloadCodec codec, Sealed sealed, String bound, Reason reason) {
        assertThatThrownBy(() -> codec.open(sealed, bound))
                .isInstanceOfSatisfying(
                        PayloadException.class,
                        closed -> assertThat(closed.reason()).isEqualTo(reason));
    }

    @Test
    void leavesPayloadsAsTheyAreWhenNothingIsConfigured() {
        assertThat(PayloadCodec.PLAIN.seals()).isFalse();
        Sealed sealed = PayloadCodec.PLAIN.seal(TEXT, BOUND);
        assertThat(sealed.bytes()).isSameAs(TEXT);
        assertThat(sealed.encoding()).isEmpty();
    }

    @Test
    void encryptsAndGivesBack() {
        Sealed sealed = encrypting(ONE).seal(TEXT, BOUND);
        assertThat(sealed.encoding()).isEqualTo("a:k1");
        assertThat(new String(sealed.bytes(), UTF_8)).doesNotContain("someone");
        assertThat(sealed.bytes()).hasSize(TEXT.length + Aes.OVERHEAD);
        assertThat(encrypting(ONE).open(sealed, BOUND)).isEqualTo(TEXT);
        assertThat(PayloadCodec.words(sealed.encoding())).containsExactly("encrypted:k1");
    }

    @Test
    void aValueSaysItselfHowItWasSealed() {
        PayloadCodec codec = new PayloadCodec(PayloadConfig.PLAIN.encrypt(ONE).compress(100));
        byte[] large = ("\"" + "a".repeat(1_000) + "\"").getBytes(UTF_8);
        for (byte[] value : new byte[][] {TEXT, large}) {
            byte[] stored = codec.sealValue(value, BOUND);
            assertThat(PayloadCodec.valueEncoding(stored)).isEqualTo(value == large ? "z:1002,a:k1" : "a:k1");
            assertThat(codec.openValue(stored, BOUND)).isEqualTo(value);
            assertThatThrownBy(() -> codec.openValue(stored, "other")).isInstanceOf(PayloadException.class);
            for (int i = 1; i < stored.length; i += 7) {
                byte[] cut = Arrays.copyOf(stored, i);
                assertThatThrownBy(() -> codec.openValue(cut, BOUND)).isInstanceOf(PayloadException.class);
            }
        }
        assertThat(PayloadCodec.PLAIN.sealValue(TEXT, BOUND)).isSameAs(TEXT);
        assertThat(codec.openValue(TEXT, BOUND)).isSameAs(TEXT); // from before there were keys
        assertThat(PayloadCodec.valueEncoding(new byte[0])).isEmpty();
    }

    @Test
    void noticesEveryByteThatWasChangedOrCutOff() {
        PayloadCodec codec = encrypting(ONE);
        Sealed sealed = codec.seal(TEXT, BOUND);
        for (int i = 0; i < sealed.bytes().length; i++) {
            byte[] forged = sealed.bytes().clone();
            forged[i] ^= 1;
            assertRefused(codec, new Sealed(sealed.encoding(), forged), BOUND, Reason.TAMPERED);
            assertRefused(
                    codec, new Sealed(sealed.encoding(), Arrays.copyOf(sealed.bytes(), i)), BOUND, Reason.TAMPERED);
        }
    }

    @Test
    void doesNotReadAPayloadOfAnotherTypeOrQueue() {
        PayloadCodec codec = encrypting(ONE);
        Sealed sealed = codec.seal(TEXT, BOUND);
        assertRefused(codec, sealed, "mail\nmail.delete", Reason.TAMPERED);
        assertRefused(codec, sealed, "other\nmail.send", Reason.TAMPERED);
    }

    @Test
    void doesNotReadAPayloadWhoseEncodingWasChanged() {
        PayloadCodec codec = new PayloadCodec(PayloadConfig.PLAIN.encrypt(ONE).compress(0));
        Sealed sealed = codec.seal(repeated(1_000), BOUND);
        assertThat(sealed.encoding()).isEqualTo("z:1000,a:k1");
        assertRefused(codec, new Sealed("a:k1", sealed.bytes()), BOUND, Reason.TAMPERED);
        assertRefused(codec, new Sealed("z:999,a:k1", sealed.bytes()), BOUND, Reason.TAMPERED);
        assertRefused(codec, new Sealed("b:k1", sealed.bytes()), BOUND, Reason.UNKNOWN_FORM);
        assertRefused(codec, new Sealed("z:1,z:1,z:1,z:1", sealed.bytes()), BOUND, Reason.UNKNOWN_FORM);
    }

    @Test
    void namesTheKeyThatIsMissingAndNeverAKey() {
        Sealed sealed = encrypting(ONE).seal(TEXT, BOUND);
        PayloadCodec other = encrypting(KeyRing.of("k2", key(2)));
        assertRefused(other, sealed, BOUND, Reason.UNKNOWN_KEY);
        assertThatThrownBy(() -> other.open(sealed, BOUND))
                .hasMessageContaining("\"k1\"")
                .hasMessageContaining("k2");
        assertThat(ONE).hasToString("keys k1");
        // the same id with another key is a fault of whoever deployed it
        assertRefused(encrypting(KeyRing.of("k1", key(3))), sealed, BOUND, Reason.TAMPERED);
    }

    @Test
    void readsOldKeysAndWritesWithTheFirst() {
        Sealed old = encrypting(ONE).seal(TEXT, BOUND);
        PayloadCodec rotated = encrypting(KeyRing.of("k2", key(2)).and("k1", key(1)));
        assertThat(rotated.open(old, BOUND)).isEqualTo(TEXT);
        assertThat(rotated.seal(TEXT, BOUND).encoding()).isEqualTo("a:k2");
    }

    @Test
    void neverUsesANonceTwiceAndItsBitsAreEven() {
        PayloadCodec codec = encrypting(ONE);
        Set<String> seen = new HashSet<>();
        int[] ones = new int[96];
        int many = 50_000;
        for (int i = 0; i < many; i++) {
            byte[] nonce = Arrays.copyOf(codec.seal(new byte[1], BOUND).bytes(), 12);
            seen.add(Arrays.toString(nonce));
            for (int bit = 0; bit < 96; bit++) {
                ones[bit] += nonce[bit / 8] >> bit % 8 & 1;
            }
        }
        assertThat(seen).hasSize(many);
        // six standard deviations of a fair coin: one run in five million fails by chance
        double room = 6 * Math.sqrt(many) / 2;
        for (int count : ones) {
            assertThat((double) count).isBetween(many / 2.0 - room, many / 2.0 + room);
        }
    }

    @Test
    void compressesOnlyWhatIsWorthIt() {
        PayloadCodec codec = new PayloadCodec(PayloadConfig.PLAIN.compress(100));
        assertThat(codec.seal(repeated(100), BOUND).encoding()).isEmpty();
        Sealed small = codec.seal(repeated(10_000), BOUND);
        assertThat(small.encoding()).isEqualTo("z:10000");
        assertThat(small.bytes().length).isLessThan(200);
        assertThat(PayloadCodec.PLAIN.open(small, BOUND)).isEqualTo(repeated(10_000));
        byte[] noise = new byte[10_000];
        new Random(7).nextBytes(noise);
        assertThat(codec.seal(noise, BOUND).encoding()).isEmpty();
    }

    @Test
    void refusesBombsBeforeTheyGrow() {
        byte[] bomb = deflated(repeated(8 << 20));
        PayloadCodec codec = PayloadCodec.PLAIN;
        // announced beyond the limit, beyond what deflate can do, or not at all
        assertRefused(codec, new Sealed("z:8388608", bomb), BOUND, Reason.TOO_LARGE);
        assertRefused(codec, new Sealed("z:4000000", Arrays.copyOf(bomb, 100)), BOUND, Reason.TOO_LARGE);
        assertRefused(codec, new Sealed("z:1000", bomb), BOUND, Reason.TOO_LARGE);
        assertRefused(codec, new Sealed("z:1000", new byte[20]), BOUND, Reason.TAMPERED);
        assertRefused(codec, new Sealed("z:2000", deflated(repeated(1_000))), BOUND, Reason.TAMPERED);
    }

    private static byte[] deflated(byte[] plain) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        deflater.finish();
        byte[] out = new byte[plain.length + 64];
        int size = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, size);
    }

    @Test
    void refusesWhatIsOverTheLimitForPlainPayloads() {
        PayloadCodec codec = new PayloadCodec(PayloadConfig.PLAIN.compress(0).maxPlainBytes(1 << 10));
        assertThatThrownBy(() -> codec.seal(repeated(1_025), BOUND))
                .isInstanceOf(PayloadException.class)
                .hasMessageContaining("1025")
                .hasMessageContaining("1024");
    }

    @Test
    void costsLittle() {
        PayloadCodec aes = encrypting(ONE);
        PayloadCodec zip = new PayloadCodec(PayloadConfig.PLAIN.compress(0));
        PayloadCodec both = new PayloadCodec(PayloadConfig.PLAIN.encrypt(ONE).compress(0));
        for (int size : new int[] {1 << 10, 16 << 10, 256 << 10}) {
            byte[] json = json(size);
            System.out.printf(
                    "payload bytes=%d aes us/KiB=%.2f deflate us/KiB=%.2f (to %d %%) both us/KiB=%.2f%n",
                    size,
                    micros(aes, json),
                    micros(zip, json),
                    zip.seal(json, BOUND).bytes().length * 100 / size,
                    micros(both, json));
        }
    }

    /** Like what people send: keys that repeat, values that do not. */
    private static byte[] json(int size) {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder("[");
        while (text.length() < size) {
            text.append("{\"userId\":")
                    .append(random.nextInt(1_000_000))
                    .append(",\"template\":\"welcome\",\"token\":\"")
                    .append(Long.toHexString(random.nextLong()))
                    .append("\"},");
        }
        return text.substring(0, size).getBytes(UTF_8);
    }

    /** Sealing and opening together, a KiB. */
    private static double micros(PayloadCodec codec, byte[] json) {
        int rounds = Math.max(50, (8 << 20) / json.length);
        long best = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long begin = System.nanoTime();
            for (int i = 0; i < rounds; i++) {
                assertThat(codec.open(codec.seal(json, BOUND), BOUND).length).isEqualTo(json.length);
            }
            best = Math.min(best, System.nanoTime() - begin);
        }
        return best / 1e3 / rounds / (json.length / 1024.0);
    }
}
