package io.penstock.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AllowListTest {
    private final AllowList list = new AllowList(List.of("hooks.example", "http://127.0.0.1:9000", "api.example:8443"));

    @Test
    void allowsWhatIsListed() {
        assertThat(list.entry(URI.create("https://hooks.example/a?b=c")).port()).isEqualTo(443);
        assertThat(list.entry(URI.create("https://HOOKS.example:443/")).host()).isEqualTo("hooks.example");
        assertThat(list.entry(URI.create("http://127.0.0.1:9000/x")).literal()).isTrue();
        assertThat(list.entry(URI.create("https://api.example:8443/x")).literal())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://hooks.example/",
                "https://hooks.example:8443/",
                "https://hooks.example.evil.example/",
                "https://evil.example/hooks.example",
                "https://hooks.example@evil.example/",
                "https://user@hooks.example/",
                "https://127.0.0.1:9000/",
                "http://127.0.0.1:9001/",
                "http://0x7f000001:9000/",
                "http://2130706433:9000/",
                "http://127.1:9000/",
                "file:///etc/passwd",
                "//hooks.example/",
                "gopher://hooks.example/"
            })
    void refusesEverythingElse(String url) {
        assertThatThrownBy(() -> list.entry(URI.create(url))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "192.0.2.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "2002:7f00:1::1",
                "2001::1",
                "2001:db8::1",
                "64:ff9b::7f00:1",
                "ff02::1",
                "fd00:ec2::254"
            })
    void knowsWhatIsNotPublic(String address) throws UnknownHostException {
        assertThat(AllowList.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
    void knowsWhatIs(String address) throws UnknownHostException {
        assertThat(AllowList.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void refusesANameThatLeadsInside() {
        AllowList inside = new AllowList(List.of("http://localhost:9000"));
        assertThatThrownBy(() -> AllowList.resolve(inside.entry(URI.create("http://localhost:9000/"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not public");
    }

    @Test
    void takesAPrivateAddressThatIsListedItselfButNeverLinkLocal() throws UnknownHostException {
        assertThat(AllowList.resolve(list.entry(URI.create("http://127.0.0.1:9000/")))
                        .getHostAddress())
                .isEqualTo("127.0.0.1");
        AllowList metadata = new AllowList(List.of("http://169.254.169.254"));
        assertThatThrownBy(() -> AllowList.resolve(metadata.entry(URI.create("http://169.254.169.254/"))))
                .hasMessageContaining("not public");
    }
}
