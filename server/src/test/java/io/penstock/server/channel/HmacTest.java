package io.penstock.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.delivery.HttpDelivery;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The expected values were made with the sample code of each vendor's documentation, in Python. */
final class HmacTest {
    @Test
    void signsAsDingTalkDocuments() {
        assertThat(Hmac.dingTalk("this is secret", 1_577_262_236_757L))
                .isEqualTo("hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=");
    }

    @Test
    void signsAsFeishuDocuments() {
        assertThat(Hmac.feishu("demo", 1_599_360_473L)).isEqualTo("l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    }

    @Test
    void signsWebHooksOverTimeAndBody() {
        assertThat(HttpDelivery.signature(
                        "a-secret-of-the-receiver", 1_700_000_000, "{\"a\":1}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("t=1700000000,v1=e9c3021419e9bf757fc8b6233de1016855866ce525fdeb3ed3f44f46efc14273");
    }
}
