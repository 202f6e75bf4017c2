package io.penstock.server.redact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.server.wire.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedactorTest {
    private static final Redactor STANDARD = Redactor.STANDARD;

    private static String json(Redactor redactor, String document) {
        return new String(redactor.json(document.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private static String json(String document) {
        return json(STANDARD, document);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "Password",
                "PASSWORD",
                "userPassword",
                "user_password",
                "passwordHash",
                "dbpasswd",
                "api-key",
                "apiKey",
                "X-API-KEY",
                "x_api_key",
                "Authorization",
                "proxyAuthorization",
                "client_secret",
                "clientSecret",
                "mysecret",
                "secrets",
                "accessToken",
                "refresh-token",
                "idToken",
                "token",
                "TOKEN",
                "accesstoken",
                "Set-Cookie",
                "cookies",
                "sessionId",
                "session",
                "private",
                "privateKey",
                "private_key",
                "credentials",
                "awsSecretAccessKey",
                "secretKey",
                "access.key",
                "jwt",
                "csrfToken",
                "auth",
                "cvv",
                "passphrase",
                "db.pwd"
            })
    void hidesByNameWhateverItsCaseAndSigns(String name) {
        assertThat(json("{\"a\":1,\"" + name + "\":\"s3cr3t\",\"z\":[2]}"))
                .contains("\"[redacted: ")
                .doesNotContain("s3cr3t")
                .startsWith("{\"a\":1,\"" + name + "\":\"[")
                .endsWith("\"z\":[2]}");
        assertThat(STANDARD.named(name, "s3cr3t")).startsWith("[redacted: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secretary",
                "tokenizer",
                "author",
                "authors",
                "privateer",
                "passenger",
                "keyboard",
                "obsession2x",
                "note"
            })
    void showsWordsThatOnlyBeginLikeASecret(String name) {
        String document = "{\"" + name + "\":\"plain words\"}";
        assertThat(json(document)).isEqualTo(document);
    }

    @Test
    void letsCountsPassWhereTheNameMayBeOfANumber() {
        String usage =
                "{\"maxTokens\":4096,\"tokens\":{\"prompt\":12,\"completion\":5},\"private\":true,\"session\":null}";
        assertThat(json(usage)).isEqualTo(usage);
        assertThat(json("{\"password\":123456,\"credentials\":{\"user\":\"bob\",\"n\":[1]},\"secret\":[\"a\",\"b\"]}"))
                .isEqualTo("{\"password\":\"[redacted: password]\",\"credentials\":\"[redacted: credential]\","
                        + "\"secret\":\"[redacted: secret]\"}");
        assertThat(json("{\"tokens\":[\"abc\",5,{\"v\":\"def\"}]}"))
                .isEqualTo("{\"tokens\":[\"[redacted: token]\",5,{\"v\":\"[redacted: token]\"}]}");
        assertThat(json("{\"password\":null,\"token\":\"\"}")).isEqualTo("{\"password\":null,\"token\":\"\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer abcdef0123456789",
                "call with bearer AbCdEfGhIjKlMnOpQrStUv",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
                "id AKIAIOSFODNN7EXAMPLE used",
                "redis://user:pass@host:6379/0",
                "see https://ghp_x@git.example/x",
                "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nMIIEow",
                "4111 1111 1111 1111",
                "card 5500-0000-0000-0004.",
                "378282246310005",
                "ghp_abcdefghijklmnopqrstuvwxyz012345",
                "sk-abcdefghijklmnopqrst",
                "password=hunter2",
                "password: hunter2",
                "--password hunter2=x token=abc",
                "Authorization: Basic dXNlcjpwYXNz",
                "{\"secret\":\"abc\\\"def\"}",
                "{\\\"secret\\\":\\\"abc\\\"}",
                "'apiKey': 'abc'",
                "Cookie: a=b; c=d"
            })
    void hidesByShape(String text) {
        String clean = STANDARD.text(text);
        assertThat(clean).contains("[redacted: ");
        for (String secret : List.of(
                "abcdef", "AbCdEf", "c2lnb", "AKIA", "pass@", "ghp_", "MIIEow", "1111", "0004", "8282", "hunter2",
                "dXNl", "abc", "c=d")) {
            assertThat(clean)
                    .as(text)
                    .doesNotContain(secret.equals("hunter2") && text.contains("--") ? "token=abc" : secret);
        }
        assertThat(STANDARD.text(clean)).as("hidden twice").isEqualTo(clean);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4111111111111112",
                "1700000000000000",
                "1234567890123456",
                "at 2026-11-22T10:00:00.000Z took 1234567890123 ns",
                "https://example.com/a?b=c",
                "mail to bob@example.com",
                "Bearer token",
                "the bearer of news",
                "a-b-c_d.e",
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
                "eyJust a word",
                "AKIA",
                "note: all is well",
                "key=value",
                "550e8400-e29b-41d4-a716-446655440000",
                "tokens: 42",
                "io.penstock.Job$1.run(Job.java:42)"
            })
    void showsWhatIsNoSecret(String text) {
        assertThat(STANDARD.text(text)).isSameAs(text);
    }

    @Test
    void hidesShapesInDocumentsAndLeavesEveryOtherByte() {
        String odd = "{ \"n\" : 1.00e+2 , \"big\":12345678901234567890123, \"s\":\"\\u00e9\\n\" ,\"e\":[ ] }";
        assertThat(json(odd)).isEqualTo(odd);
        assertThat(
                        json(
                                "{ \"n\" : 1.00e+2 , \"url\" : \"https://u:p@h/x\" ,\"card\":4111111111111111, \"l\":[\"Bearer abc12345\"] }"))
                .isEqualTo("{ \"n\" : 1.00e+2 , \"url\" : \"https://[redacted: user info]@h/x\" ,"
                        + "\"card\":\"[redacted: card number]\", \"l\":[\"Bearer [redacted: bearer token]\"] }");
        assertThat(json("{\"AKIAIOSFODNN7EXAMPLE\":1,\"b\":2}")).isEqualTo("{\"[redacted: AWS key id]\":1,\"b\":2}");
        assertThat(json("\"password=abc\"")).isEqualTo("\"password=[redacted: password]\"");
        assertThat(json("4111111111111111")).isEqualTo("\"[redacted: card number]\"");
    }

    @Test
    void hidesByPlace() {
        Redactor redactor = new Redactor(
                true, List.of("iban"), List.of("$.user.email", "orders[*].card", "items[1]", "a['b.c']", "any.*.x"));
        assertThat(
                        json(
                                redactor,
                                "{\"user\":{\"email\":\"a@b\",\"name\":\"n\"},\"email\":\"shown\",\"orders\":[{\"card\":{\"n\":1}},{\"card\":2,\"id\":3}],"
                                        + "\"items\":[1,2,3],\"a\":{\"b.c\":[4]},\"any\":{\"p\":{\"x\":5,\"y\":6}},\"iban\":7}"))
                .isEqualTo(
                        "{\"user\":{\"email\":\"[redacted: path]\",\"name\":\"n\"},\"email\":\"shown\",\"orders\":[{\"card\":\"[redacted: path]\"},"
                                + "{\"card\":\"[redacted: path]\",\"id\":3}],\"items\":[1,\"[redacted: path]\",3],\"a\":{\"b.c\":\"[redacted: path]\"},"
                                + "\"any\":{\"p\":{\"x\":\"[redacted: path]\",\"y\":6}},\"iban\":\"[redacted: iban]\"}");
        for (String wrong : List.of("", "$", "a..b", "a[x]", "a[", "a['']", ".".repeat(40), "a.b".repeat(20))) {
            assertThatThrownBy(() -> new Redactor(true, List.of(), List.of(wrong)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void hidesWhatItCannotReadAndNothingWhenItIsOff() {
        assertThat(json("{\"a\":")).isEqualTo("\"[redacted: not readable as JSON]\"");
        assertThat(json("[".repeat(2_000))).startsWith("\"[redacted: ");
        String secret = "{\"password\":\"x\"}";
        assertThat(json(new Redactor(false, List.of(), List.of("password")), secret))
                .isEqualTo(secret);
    }

    /** Each of these makes a pattern that backtracks take minutes; here the test only has to end. */
    @Test
    void readsHostileTextsOnce() {
        int size = 400_000;
        for (String part : List.of(
                "a",
                "1",
                "4",
                "1-",
                "=",
                ":",
                "://",
                "password=",
                "eyJ.",
                "bearer ",
                "-----BEGIN ",
                "\"",
                "\\",
                "token:",
                "@",
                "AKIA")) {
            String text = part.repeat(size / part.length());
            assertThat(STANDARD.text(text)).isNotNull();
        }
    }

    @Test
    void answersJsonForWhateverJsonThereIs() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> words =
                List.of("password", "a", "token", "Bearer abcdef012345", "x\"\\\n", "4111111111111111", "é", "");
        JsonMapper mapper = new JsonMapper();
        for (int i = 0; i < 2_000; i++) {
            String document = mapper.writeValueAsString(tree(random, words, 0));
            String clean = json(document);
            assertThat(mapper.readTree(clean)).as("seed %s: %s", seed, document).isNotNull();
            assertThat(clean).as("seed %s", seed).doesNotContain("abcdef012345");
            assertThat(json(clean)).as("seed %s: twice", seed).isEqualTo(clean);
        }
    }

    private static Object tree(Random random, List<String> words, int depth) {
        String word = words.get(random.nextInt(words.size()));
        return switch (depth > 4 ? random.nextInt(3) : random.nextInt(5)) {
            case 0 -> word;
            case 1 -> random.nextLong();
            case 2 -> random.nextBoolean();
            case 3 -> List.of(tree(random, words, depth + 1), tree(random, words, depth + 1));
            default -> Map.of(word, tree(random, words, depth + 1));
        };
    }

    @Test
    void showsEachSightItsOwn() {
        byte[] secret = "{\"password\":\"x\",\"n\":1}".getBytes(StandardCharsets.UTF_8);
        Eye all = new Eye(STANDARD, Eye.Sight.TRUE);
        Eye some = new Eye(STANDARD, Eye.Sight.REDACTED);
        Eye none = new Eye(STANDARD, Eye.Sight.NONE);
        assertThat(all.value(secret)).isSameAs(secret);
        assertThat(new String(some.value(secret), StandardCharsets.UTF_8))
                .contains("\"n\":1")
                .doesNotContain("x");
        assertThat(new String(none.value(secret), StandardCharsets.UTF_8))
                .isEqualTo("\"[hidden: this role sees no payloads]\"");
        assertThat(none.value(null)).isNull();
        assertThat(none.progress("0.5")).asString().isEqualTo("0.5");
        assertThat(none.progress("{\"at\":1}")).asString().startsWith("\"[hidden");
        Map<String, String> notes = Map.of("apiKey", "k", "city", "Bern");
        assertThat(all.notes(notes)).isEqualTo(notes);
        assertThat(some.notes(notes))
                .containsEntry("apiKey", "[redacted: apikey]")
                .containsEntry("city", "Bern");
        assertThat(none.notes(notes))
                .hasSize(2)
                .allSatisfy((key, value) -> assertThat(value).startsWith("[hidden"));
        assertThat(all.text("password=x")).isEqualTo("password=x");
        assertThat(none.text("password=x")).isEqualTo("password=[redacted: password]");
        assertThat(none.seesValues()).isFalse();
    }

    @Test
    void knowsItsMarksWhenTheyComeBack() {
        byte[] marked = "{\"a\":\"[redacted: password]\"}".getBytes(StandardCharsets.UTF_8);
        byte[] hidden = "\"[hidden: this role sees no payloads]\"".getBytes(StandardCharsets.UTF_8);
        byte[] plain = "{\"a\":\"redacted\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Eye.refuseMarks(marked, plain, "/payload")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Eye.refuseMarks(hidden, null, "/payload")).isInstanceOf(Problem.class);
        Eye.refuseMarks(marked, marked, "/payload");
        Eye.refuseMarks(plain, marked, "/payload");
    }
}
