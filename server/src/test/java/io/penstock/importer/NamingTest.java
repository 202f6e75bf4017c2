package io.penstock.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.job.Names;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NamingTest {
    @Test
    void writesOtherwiseWhatIsNotLegal() {
        assertThat(Naming.legal("mail.send")).isEqualTo("mail.send");
        assertThat(Naming.legal("Billing::Retry")).isEqualTo("Billing.Retry");
        assertThat(Naming.legal("email:welcome")).isEqualTo("email-welcome");
        assertThat(Naming.legal("__default__")).isEqualTo("default__");
        assertThat(Naming.legal("Ünï code/with::stuff")).isEqualTo("n-code-with.stuff");
        assertThat(Naming.legal("客户")).isEqualTo("unnamed");
        for (String any : new String[] {"", " ", ":::", "x".repeat(300), "\n{a}"}) {
            assertThat(Names.check("type", Naming.legal(any))).isNotEmpty();
        }
    }

    @Test
    void letsNoTwoNamesBecomeOneUnlessToldSo() {
        Naming naming = new Naming("type", Map.of());
        assertThat(naming.of("a:b").clash()).isNull();
        assertThat(naming.of("a/b").clash()).contains("a-b").contains("--type");
        assertThat(naming.of("a:b").clash()).isNull();
        Naming told = new Naming("type", Map.of("a/b", "a-b"));
        assertThat(told.of("a:b").clash()).isNull();
        assertThat(told.of("a/b").clash()).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> new Naming("type", Map.of("x", "not legal")));
    }
}
