package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class SiteTest {
    private static String script(Rig rig) {
        Matcher src = Pattern.compile("src=\"(/ui/[0-9a-f]{16}/main\\.js)\"")
                .matcher(rig.bare("GET", "/").text());
        assertThat(src.find()).isTrue();
        return src.group(1);
    }

    @Test
    void answersEveryPlaceWithTheSamePage(Rig rig) {
        String page = rig.bare("GET", "/").text();
        for (String place : new String[] {"/queues", "/queues/mail?span=6h", "/jobs/mail-102", "/memory", "/?x=1"}) {
            assertThat(rig.bare("GET", place).text()).as(place).isEqualTo(page);
        }
        assertThat(rig.bare("GET", "/queuesque").status()).isEqualTo(401);
        assertThat(rig.bare("POST", "/queues").status()).isEqualTo(401);
    }

    @Test
    void allowsNothingFromElsewhere(Rig rig) {
        Rig.Answer page = rig.bare("GET", "/");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
                .contains("require-trusted-types-for 'script'")
                .doesNotContain("unsafe");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(page.text()).doesNotContain("<style").doesNotContainPattern("<script(?![^>]* src=)");
    }

    @Test
    void letsBrowsersKeepTheFilesOfThisVersionForGood(Rig rig) {
        String path = script(rig);
        Rig.Answer script = rig.bare("GET", path);
        assertThat(script.status()).isEqualTo(200);
        assertThat(script.header("Cache-Control")).contains("immutable");
        assertThat(script.header("Content-Type")).startsWith("text/javascript");
        assertThat(rig.bare("GET", path, "If-None-Match", script.header("ETag")).status())
                .isEqualTo(304);
        String former = path.replaceFirst("/ui/[0-9a-f]+/", "/ui/0123456789abcdef/");
        assertThat(rig.bare("GET", former).header("Cache-Control")).isEqualTo("no-cache");
        assertThat(rig.bare("GET", "/").header("Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void compresses(Rig rig) {
        Rig.Answer small = rig.bare("GET", script(rig), "Accept-Encoding", "br, gzip");
        assertThat(small.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(rig.bare("GET", script(rig), "Accept-Encoding", "gzip;q=0").header("Content-Encoding"))
                .isEmpty();
    }

    @Test
    void leadsNowhereElse(Rig rig) {
        for (String path : new String[] {
            "/ui/x/../openapi.json",
            "/ui/x/%2e%2e/openapi.json",
            "/ui/x/..%2fopenapi.json",
            "/ui/x/",
            "/ui/x",
            "/ui/x/none.js"
        }) {
            assertThat(rig.bare("GET", path).status()).as(path).isIn(401, 404);
        }
        assertThat(rig.bare("GET", "/", "X-Any", "1").status()).isEqualTo(200);
    }
}
