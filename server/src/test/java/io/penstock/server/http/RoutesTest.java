package io.penstock.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.server.wire.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoutesTest {
    private final Routes routes = new Routes(List.of(
            Route.get("/", call -> null).asOpen(),
            Route.get("/jobs/{id}", call -> null),
            Route.delete("/jobs/{id}", call -> null),
            Route.act("/jobs/{id}:retry", call -> null),
            Route.post("/jobs:batch", call -> null),
            Route.get("/jobs/{id}/logs", call -> null)));

    @Test
    void findsByMethodAndPath() {
        assertThat(routes.find("GET", "/jobs/a-1").path()).containsEntry("id", "a-1");
        assertThat(routes.find("POST", "/jobs/a-1:retry").route().template()).isEqualTo("/jobs/{id}:retry");
        assertThat(routes.find("POST", "/jobs:batch").route().template()).isEqualTo("/jobs:batch");
        assertThat(routes.find("HEAD", "/jobs/a-1/logs").route().method()).isEqualTo("GET");
        assertThat(routes.find("GET", "/").route().open()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jobs",
                "/jobs/",
                "/jobs//logs",
                "/jobs/a-1:fly",
                "/jobs/a:retry:retry",
                "/jobs/a-1/logs/x",
                "//jobs/a-1",
                "/jobs/a-1/",
                "/jobs/../jobs/a-1",
                "",
                "*",
                "jobs/a"
            })
    void knowsNoOtherPath(String path) {
        assertThatThrownBy(() -> routes.find("GET", path))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("is no route");
    }

    @Test
    void saysWhichMethodsThereAre() {
        assertThatThrownBy(() -> routes.find("PUT", "/jobs/a-1"))
                .isInstanceOf(Problem.class)
                .satisfies(problem ->
                        assertThat(((Problem) problem).headers()).containsEntry("Allow", "GET, DELETE, HEAD, OPTIONS"));
        assertThat(routes.methods("/jobs:batch")).containsExactly("POST", "OPTIONS");
        assertThat(routes.methods("/nothing")).isEmpty();
    }
}
