package io.penstock.server.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.notice.Channel;
import io.penstock.notice.NotTaken;
import io.penstock.notice.Notice;
import io.penstock.notice.Severity;
import io.penstock.server.delivery.HttpDelivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What each vendor gets, and what its answers mean, against a real web server. */
final class ChatChannelsTest {
    private static final String SECRET = "canary-secret-of-the-channel";
    private static final String PATH = "/hook/canary-path?key=canary-query";

    private Receiver receiver;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private Channel channel(Kind kind) {
        HttpChannel.Office office = receiver.office();
        return switch (kind) {
            case WEBHOOK -> new WebhookChannel(receiver.url(PATH), SECRET, office);
            case SLACK -> new SlackChannel(receiver.url(PATH), office);
            case DINGTALK -> new DingTalkChannel(receiver.url(PATH), SECRET, office);
            case FEISHU -> new FeishuChannel(receiver.url(PATH), SECRET, office);
            case WECOM -> new WeComChannel(receiver.url(PATH), office);
            case PAGERDUTY -> new PagerDutyChannel(receiver.url(PATH), "0123456789abcdef0123456789abcdef", office);
            default -> throw new IllegalArgumentException(kind.wire());
        };
    }

    private static String good(Kind kind) {
        return switch (kind) {
            case DINGTALK, WECOM -> "{\"errcode\":0,\"errmsg\":\"ok\"}";
            case FEISHU -> "{\"code\":0,\"msg\":\"success\",\"data\":{}}";
            case PAGERDUTY -> "{\"status\":\"success\"}";
            default -> "ok";
        };
    }

    private Receiver.Got sent(Kind kind, Notice... notices) throws IOException, InterruptedException {
        receiver.answers(kind == Kind.PAGERDUTY ? 202 : 200, good(kind), Map.of());
        channel(kind).send(List.of(notices));
        return receiver.next();
    }

    private final Notice firing = Notices.of("alert-1", Severity.ERROR, "firing");
    private final Notice over = Notices.of("alert-1", Severity.ERROR, "resolved");

    @Test
    void signsTheWebHook() throws Exception {
        Receiver.Got got = sent(Kind.WEBHOOK, firing, over);
        JsonNode notice = got.json().at("/notices/0");
        assertThat(notice.path("alert").asText()).isEqualTo("alert-1");
        assertThat(notice.path("value").asDouble()).isEqualTo(1234.5);
        assertThat(notice.path("severity").asText()).isEqualTo("error");
        assertThat(notice.at("/tags/team").asText()).isEqualTo("post");
        assertThat(got.json().path("notices")).hasSize(2);
        long seconds = Long.parseLong(got.header("Penstock-timestamp"));
        assertThat(got.header("Penstock-signature"))
                .isEqualTo(HttpDelivery.signature(SECRET, seconds, got.text().getBytes(StandardCharsets.UTF_8)));
        assertThat(got.uri().toString()).isEqualTo(PATH);
    }

    @Test
    void writesNoNumberWhereThereIsNone() throws Exception {
        assertThat(sent(Kind.WEBHOOK, Notices.hostile())
                        .json()
                        .at("/notices/0/value")
                        .isNull())
                .isTrue();
    }

    @Test
    void writesBlocksForSlack() throws Exception {
        JsonNode json = sent(Kind.SLACK, firing).json();
        assertThat(json.at("/blocks/0/text/text").asText()).isEqualTo("[ERROR] mail-backlog");
        assertThat(json.at("/blocks/1/text/text").asText())
                .contains("queue.mail.waiting = 1234.5 (threshold 1000)\nsince 2026-01-02T03:04:05Z\nteam=post");
    }

    @Test
    void signsTheAddressOfDingTalk() throws Exception {
        Receiver.Got got = sent(Kind.DINGTALK, firing);
        String query = got.uri().getQuery(); // decoded
        long millis = Long.parseLong(query.replaceAll(".*timestamp=(\\d+).*", "$1"));
        assertThat(query).isEqualTo("key=canary-query&timestamp=" + millis + "&sign=" + Hmac.dingTalk(SECRET, millis));
        assertThat(got.json().path("msgtype").asText()).isEqualTo("markdown");
        assertThat(got.json().at("/markdown/text").asText()).contains("1,234 jobs wait", "team=post");
    }

    @Test
    void signsTheBodyOfFeishu() throws Exception {
        JsonNode json = sent(Kind.FEISHU, firing).json();
        long seconds = Long.parseLong(json.path("timestamp").asText());
        assertThat(json.path("sign").asText()).isEqualTo(Hmac.feishu(SECRET, seconds));
        assertThat(json.at("/card/header/template").asText()).isEqualTo("red");
        assertThat(sent(Kind.FEISHU, over).json().at("/card/header/template").asText())
                .isEqualTo("green");
    }

    @Test
    void opensAndClosesOneIncidentOfPagerDuty() throws Exception {
        JsonNode trigger = sent(Kind.PAGERDUTY, firing).json();
        assertThat(trigger.path("event_action").asText()).isEqualTo("trigger");
        assertThat(trigger.path("dedup_key").asText()).isEqualTo("penstock-alert-1");
        assertThat(trigger.at("/payload/severity").asText()).isEqualTo("error");
        assertThat(trigger.at("/payload/summary").asText()).contains("1,234 jobs wait");
        assertThat(trigger.at("/payload/source").asText()).isNotEmpty();
        JsonNode resolve = sent(Kind.PAGERDUTY, over).json();
        assertThat(resolve.path("event_action").asText()).isEqualTo("resolve");
        assertThat(resolve.path("dedup_key")).isEqualTo(trigger.path("dedup_key"));
        assertThat(resolve.has("payload")).isFalse();
        assertThat(sent(Kind.PAGERDUTY, Notices.of("t", Severity.INFO, "test"))
                        .json()
                        .path("event_action")
                        .asText())
                .isEqualTo("trigger");
        assertThat(receiver.next().json().path("event_action").asText()).isEqualTo("resolve");
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"LOG", "SMTP", "WEBHOOK"})
    void staysWithinTheSizeOfEachVendorAndWritesNoMarkup(Kind kind) throws Exception {
        List<Notice> many = Collections.nCopies(kind.most(), Notices.hostile());
        Receiver.Got got = sent(kind, many.toArray(Notice[]::new));
        int bytes = got.text().getBytes(StandardCharsets.UTF_8).length;
        JsonNode json = got.json();
        switch (kind) {
            case SLACK -> {
                assertThat(json.path("blocks")).hasSizeLessThanOrEqualTo(50);
                json.path("blocks")
                        .forEach(block -> assertThat(block.at("/text/text").asText())
                                .hasSizeLessThanOrEqualTo(
                                        block.path("type").asText().equals("header") ? 150 : 3_000));
                assertThat(json.at("/blocks/1/text/text").asText()).doesNotContain("<");
            }
            case DINGTALK -> {
                assertThat(bytes).isLessThanOrEqualTo(20_000);
                assertThat(json.at("/markdown/text").asText()).doesNotContain("](", "<", "**");
            }
            case FEISHU -> assertThat(bytes).isLessThanOrEqualTo(20_000);
            case WECOM -> {
                String text = json.at("/markdown/content").asText();
                assertThat(text.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(4_096);
                assertThat(text).doesNotContain("<", "](");
            }
            default -> {
                assertThat(json.at("/payload/summary").asText()).hasSizeLessThanOrEqualTo(1_024);
                assertThat(json.path("dedup_key").asText()).hasSizeLessThanOrEqualTo(255);
            }
        }
    }

    private NotTaken refused(Kind kind, int status, String answer, Map<String, String> headers) {
        receiver.answers(status, answer, headers);
        NotTaken refused =
                catchThrowableOfType(NotTaken.class, () -> channel(kind).send(List.of(firing)));
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).doesNotContain("canary", "0123456789abcdef");
        return refused;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DINGTALK|{\"errcode\":310000,\"errmsg\":\"sign not match canary\"}|false|310000",
                "DINGTALK|{\"errcode\":130101,\"errmsg\":\"send too fast\"}|true|130101",
                "DINGTALK|{\"errcode\":-1}|true|-1",
                "FEISHU|{\"code\":19021,\"msg\":\"sign match fail\"}|false|signature",
                "FEISHU|{\"code\":19024}|false|keywords",
                "FEISHU|{\"code\":11232}|true|too many",
                "WECOM|{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}|false|no such robot",
                "WECOM|{\"errcode\":45009}|true|too many",
                "WECOM|<html>canary</html>|true|without a verdict",
                "DINGTALK|[]|true|without a verdict"
            })
    void goesByTheVendorsOwnVerdictInAGoodAnswer(Kind kind, String answer, boolean passing, String said) {
        NotTaken refused = refused(kind, 200, answer, Map.of());
        assertThat(refused.passing()).isEqualTo(passing);
        assertThat(refused).hasMessageContaining(said);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"LOG", "SMTP"})
    void waitsAsLongAsItIsAskedTo(Kind kind) {
        NotTaken limited = refused(kind, 429, "canary", Map.of("Retry-After", "7"));
        assertThat(limited.passing()).isTrue();
        assertThat(limited.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(refused(kind, 503, "canary", Map.of("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT"))
                        .retryAfter())
                .isZero();
        assertThat(refused(kind, 503, "", Map.of("Retry-After", "soon")).passing())
                .isTrue();
        assertThat(refused(kind, 404, "canary", Map.of()).passing()).isFalse();
    }

    @Test
    void saysSlacksOwnWordButNoOther() {
        assertThat(refused(Kind.SLACK, 403, "invalid_token", Map.of())).hasMessageContaining("invalid_token");
        assertThat(refused(Kind.SLACK, 403, "canary_token", Map.of())).hasMessageContaining("answered 403;");
    }

    @Test
    void followsNoRedirect() {
        NotTaken refused =
                refused(Kind.WEBHOOK, 307, "", Map.of("Location", "http://169.254.169.254/latest/meta-data"));
        assertThat(refused).hasMessageContaining("307, a redirect, which is not followed");
        assertThat(refused.passing()).isFalse();
        receiver.next();
        assertThat(receiver.quiet()).isTrue();
    }

    @Test
    void readsNoMoreOfAnAnswerThanItNeeds() throws Exception {
        receiver.answers(200, "{\"errcode\":0,\"errmsg\":\"" + "x".repeat(5 << 20) + "\"}", Map.of());
        assertThatThrownBy(() -> channel(Kind.WECOM).send(List.of(firing))).hasMessageContaining("without a verdict");
        channel(Kind.WEBHOOK).send(List.of(firing));
    }

    @Test
    void goesNowhereElse() {
        HttpChannel.Office strict = new HttpChannel.Office(receiver.outbound(), io.penstock.runtime.Clock.system());
        for (String url : List.of(
                receiver.url(PATH).toString(),
                "https://127.0.0.1/canary",
                "https://10.0.0.1/canary",
                "https://[::1]/canary",
                "https://localhost/canary",
                "https://169.254.169.254/canary",
                "https://user:canary@example.com/")) {
            assertThatThrownBy(() -> new SlackChannel(java.net.URI.create(url), strict).send(List.of(firing)))
                    .as(url)
                    .isInstanceOf(NotTaken.class)
                    .hasMessageMatching("(?s).*(not public|channel.allow).*")
                    .hasMessageNotContaining("canary");
        }
        assertThat(receiver.quiet()).isTrue();
    }
}
