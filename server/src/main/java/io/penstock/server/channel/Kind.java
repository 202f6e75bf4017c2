package io.penstock.server.channel;

import io.penstock.notice.Channel;
import io.penstock.notice.LogChannel;
import io.penstock.notice.Terms;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A kind of channel: what must and may be set about it, and how fast its receivers let it speak. */
enum Kind {
    LOG(Terms.MOST_PER_MINUTE, Set.of()),
    WEBHOOK(60, Set.of(Knob.URL), Knob.SECRET),
    SMTP(10, Set.of(Knob.HOST, Knob.FROM, Knob.TO), Knob.PORT, Knob.TLS, Knob.USERNAME, Knob.PASSWORD),
    /** Slack allows one a second. */
    SLACK(50, Set.of(Knob.URL)),
    /** DingTalk allows 20 a minute and shuts out for ten who sends more. */
    DINGTALK(18, Set.of(Knob.URL), Knob.SECRET),
    /** Feishu allows 100 a minute. */
    FEISHU(90, Set.of(Knob.URL), Knob.SECRET),
    /** WeCom allows 20 a minute. */
    WECOM(18, Set.of(Knob.URL)),
    /** PagerDuty wants an event for each alert, and slows down who sends more than some hundred a minute. */
    PAGERDUTY(100, Set.of(Knob.ROUTING_KEY), Knob.URL);

    private static final Map<Knob, String> MAIL_DEFAULTS = Map.of(Knob.PORT, "587", Knob.TLS, "starttls");
    private static final Map<Knob, String> PAGERDUTY_DEFAULTS =
            Map.of(Knob.URL, "https://events.pagerduty.com/v2/enqueue");

    private final int perMinute;

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
    private final Set<Knob> required;

    @SuppressWarnings("ImmutableEnumChecker") // wrapped below
    private final Set<Knob> knobs;

    Kind(int perMinute, Set<Knob> required, Knob... optional) {
        this.perMinute = perMinute;
        this.required = required;
        EnumSet<Knob> all = EnumSet.noneOf(Knob.class);
        all.addAll(required);
        all.addAll(Arrays.asList(optional));
        this.knobs = Collections.unmodifiableSet(all); // in the order of their declaration
    }

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Kind> of(String wire) {
        return Arrays.stream(values()).filter(kind -> kind.wire().equals(wire)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Kind::wire).toList();
    }

    /** Returns messages a minute when nothing is said. */
    int perMinute() {
        return perMinute;
    }

    /** Returns notices of one message. */
    int most() {
        return this == PAGERDUTY ? 1 : Terms.MOST_TOGETHER;
    }

    Set<Knob> required() {
        return required;
    }

    Set<Knob> knobs() {
        return knobs;
    }

    Map<Knob, String> defaults() {
        return switch (this) {
            case SMTP -> MAIL_DEFAULTS;
            case PAGERDUTY -> PAGERDUTY_DEFAULTS;
            default -> Map.of();
        };
    }

    /** Makes the channel that a configuration describes. */
    static Channel channel(ChannelConfig config, HttpChannel.Office office) {
        return switch (config.kind()) {
            case LOG -> new LogChannel();
            case SMTP -> new MailChannel(account(config), office.outbound(), office.clock());
            case WEBHOOK -> new WebhookChannel(url(config), config.value(Knob.SECRET), office);
            case SLACK -> new SlackChannel(url(config), office);
            case DINGTALK -> new DingTalkChannel(url(config), config.value(Knob.SECRET), office);
            case FEISHU -> new FeishuChannel(url(config), config.value(Knob.SECRET), office);
            case WECOM -> new WeComChannel(url(config), office);
            case PAGERDUTY -> new PagerDutyChannel(url(config), config.value(Knob.ROUTING_KEY), office);
        };
    }

    private static URI url(ChannelConfig config) {
        return URI.create(config.value(Knob.URL));
    }

    private static MailChannel.Account account(ChannelConfig config) {
        return new MailChannel.Account(
                config.value(Knob.HOST),
                Integer.parseInt(config.value(Knob.PORT)),
                config.value(Knob.TLS),
                config.value(Knob.USERNAME),
                config.value(Knob.PASSWORD),
                config.value(Knob.FROM),
                config.value(Knob.TO));
    }
}
