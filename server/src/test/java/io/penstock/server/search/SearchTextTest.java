package io.penstock.server.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.job.JobState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SearchTextTest {
    private static JobFilter read(String text) {
        return SearchText.read(text, Map.of());
    }

    @Test
    void readsQualifiersQuotesAndWords() {
        JobFilter filter =
                read("  type:mail.* state:failed,cancelled error:\"connection \\\"reset\\\"\" acme \"two words\" ");
        assertThat(filter.type()).isEqualTo("mail.*");
        assertThat(filter.states()).isEqualTo(Set.of(JobState.FAILED, JobState.CANCELLED));
        assertThat(filter.error()).isEqualTo("connection \"reset\"");
        assertThat(filter.words()).isEqualTo(List.of("acme", "two words"));
        assertThat(read("\"http://x\"").words()).isEqualTo(List.of("http://x"));
        assertThat(read("id:mail-100 queue:mail group:acme key:order-7").id()).isEqualTo("mail-100");
        assertThat(read("").open()).isTrue();
    }

    @Test
    void saysWhatWasLikelyMeant() {
        assertThatThrownBy(() -> read("stat:failed"))
                .hasMessageContaining("did you mean \"state\"?")
                .hasMessageContaining("id, type, state, queue, group, error, key");
        assertThatThrownBy(() -> read("http://x")).hasMessageContaining("quotes");
        assertThatThrownBy(() -> read("state:done")).hasMessageContaining("use waiting, delayed, active");
        assertThatThrownBy(() -> read("type:")).hasMessageContaining("has no value");
        assertThatThrownBy(() -> read("type:\"a")).hasMessageContaining("not closed");
        assertThatThrownBy(() -> read("type:a type:b")).hasMessageContaining("asked for twice");
        assertThatThrownBy(() -> read("x".repeat(501))).hasMessageContaining("501 characters");
    }

    @Test
    void takesWhatIsSaidTwiceAlikeOnce() {
        Map<String, String> given = new HashMap<>(Map.of("queue", "mail"));
        given.put("type", null);
        assertThat(SearchText.read("queue:mail", given).queue()).isEqualTo("mail");
        assertThatThrownBy(() -> SearchText.read("queue:sms", given)).hasMessageContaining("asked for twice");
    }

    @Test
    void fitsPatternsByHand() {
        assertThat(Scope.fits("mail-*", "mail-eu")).isTrue();
        assertThat(Scope.fits("mail-*", "sms-eu")).isFalse();
        assertThat(Scope.fits("*", "")).isTrue();
        assertThat(Scope.fits("*a*b*", "xxayybzz")).isTrue();
        assertThat(Scope.fits("*a*b", "xxaybz")).isFalse();
        assertThat(Scope.fits("mail", "mail2")).isFalse();
        assertThat(new Scope(List.of("a", "b-*")).has("b-1")).isTrue();
        assertThat(new Scope(List.of("a", "b-*")).has("c")).isFalse();
        assertThat(Scope.ALL.has("c")).isTrue();
        assertThat(Scope.fits("*".repeat(60) + "x", "a".repeat(64))).isFalse(); // at once, not in years
    }
}
