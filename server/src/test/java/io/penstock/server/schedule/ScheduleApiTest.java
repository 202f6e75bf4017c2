package io.penstock.server.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
final class ScheduleApiTest {
    private static final String PATH = "/api/v1/schedules";

    private static Rig.Answer put(Rig rig, String id, String fields, String... headers) {
        String body =
                "{" + fields + ",\"job\":{\"queue\":\"sched-api\",\"type\":\"nobody.does\",\"payload\":{\"n\":1}}}";
        return rig.send("PUT", PATH + "/" + id, body, headers);
    }

    @Test
    void makesShowsChangesAndDeletesASchedule(Rig rig) {
        Rig.Answer made = put(
                rig,
                "api-one",
                "\"cron\":\"0 9 * * MON-FRI\",\"zone\":\"Europe/Berlin\",\"misfire\":\"catch-up\",\"catchUp\":3,"
                        + "\"overlap\":\"skip\",\"jitter\":\"30s\",\"end\":\"2090-01-01T00:00:00Z\",\"skip\":[\"--12-25\"]");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        JsonNode schedule = rig.get(PATH + "/api-one").json();
        assertThat(schedule.path("description").asText()).isEqualTo("at 09:00 on Monday to Friday (Europe/Berlin)");
        assertThat(schedule.at("/descriptions/zh").asText()).isEqualTo("周一至周五 09:00 (Europe/Berlin)");
        assertThat(schedule.path("clockChange").asText()).isEqualTo("clock");
        assertThat(schedule.path("catchUp").asInt()).isEqualTo(3);
        assertThat(schedule.path("origin").asText()).isEqualTo("operator");
        assertThat(schedule.path("status").asText()).isEqualTo("active");
        assertThat(schedule.path("upcoming")).hasSize(10);
        assertThat(schedule.path("upcoming").get(0)).isEqualTo(schedule.path("next"));
        assertThat(schedule.at("/job/payload/n").asInt()).isEqualTo(1);
        assertThat(rig.get(PATH + "?limit=500").text()).contains("\"id\":\"api-one\"");

        String tag = made.header("ETag");
        assertThat(put(rig, "api-one", "\"every\":\"1h\"", "If-Match", "\"other\"")
                        .status())
                .isEqualTo(412);
        Rig.Answer changed = put(rig, "api-one", "\"every\":\"1h\"", "If-Match", tag);
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.json().path("every").asText()).isEqualTo("1h");
        assertThat(changed.json().path("overlap").asText()).isEqualTo("allow"); // replaced whole
        assertThat(rig.send("DELETE", PATH + "/api-one", null, "If-Match", tag).status())
                .isEqualTo(412);
        assertThat(rig.send("DELETE", PATH + "/api-one", null).status()).isEqualTo(204);
        assertThat(rig.get(PATH + "/api-one").status()).isEqualTo(404);
        assertThat(rig.send("DELETE", PATH + "/api-one", null).status()).isEqualTo(404);
    }

    @Test
    void pausesResumesAndRunsByHand(Rig rig) {
        put(rig, "api-two", "\"every\":\"30d\"");
        assertThat(rig.post(PATH + "/api-two:pause", null).json().path("status").asText())
                .isEqualTo("paused");
        JsonNode run = rig.post(PATH + "/api-two:run", null).json();
        assertThat(rig.job(run.path("job").asText()).at("/metadata/schedule").asText())
                .isEqualTo("api-two");
        JsonNode line = rig.get(PATH + "/api-two/runs").json().path("items").get(0);
        assertThat(line.path("outcome").asText()).isEqualTo("by-hand");
        assertThat(line.path("jobState").asText()).isEqualTo("waiting");
        assertThat(rig.post(PATH + "/api-two:resume", null)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("active");
        assertThat(rig.post(PATH + "/none:pause", null).status()).isEqualTo(404);
        assertThat(rig.post(PATH + "/none:run", null).status()).isEqualTo(404);
        assertThat(rig.get(PATH + "/none/runs").status()).isEqualTo(404);
    }

    @Test
    void startsRunsByItself(Rig rig) {
        put(rig, "api-three", "\"cron\":\"* * * * * *\"");
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        rig.get(PATH + "/api-three").json().path("enqueued").asInt() >= 2);
        rig.send("DELETE", PATH + "/api-three", null);
    }

    @Test
    void looksForSchedulesThatLostAPart(Rig rig) {
        JsonNode check = rig.post(PATH + ":fsck", "{\"repair\":false}").json();
        assertThat(check.path("repaired").asBoolean()).isFalse();
        assertThat(check.path("looked").isIntegralNumber()).isTrue();
        assertThat(check.path("faults").isIntegralNumber()).isTrue();
        assertThat(rig.post(PATH + ":fsck", "{\"mend\":true}").status()).isEqualTo(400);
    }

    @Test
    void previewsTimesBeforeTheyAreWritten(Rig rig) {
        JsonNode preview = rig.post(
                        PATH + ":preview",
                        "{\"cron\":\"30 2 * * *\",\"zone\":\"Europe/Berlin\",\"from\":\"2026-03-28T00:00:00Z\",\"count\":3}")
                .json();
        assertThat(preview.path("runs").toString())
                .isEqualTo("[\"2026-03-28T01:30:00Z\",\"2026-03-29T01:00:00Z\",\"2026-03-30T00:30:00Z\"]");
        assertThat(preview.path("local").get(1).asText()).isEqualTo("2026-03-29T03:00+02:00");
        assertThat(preview.path("description").asText()).isEqualTo("at 02:30 every day (Europe/Berlin)");
        assertThat(rig.post(PATH + ":preview", "{\"every\":\"90m\",\"from\":\"2026-01-01T00:00:00Z\"}")
                        .json()
                        .path("runs"))
                .hasSize(10);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "cron":"61 * * * *"                             | /cron    | minute 61 is outside 0 to 59
            "cron":"0 0 30 2 *"                             | /cron    | never fires
            "cron":"@reboot"                                | /cron    | is no macro
            "cron":"* * * * *","every":"1m"                 | /cron    | 2 of cron, every and fixedDelay
            "zone":"UTC"                                    | /cron    | 0 of cron, every and fixedDelay
            "cron":"* * * * *","zone":"Mars/Base"           | /zone    | zone \\"Mars/Base\\" is unknown
            "every":"10ms"                                  | /every   | outside PT1S to
            "every":"1m","misfire":"never"                  | /misfire | use skip, once or catch-up
            "every":"1m","misfire":"skip","catchUp":3       | /catchUp | belongs to misfire catch-up
            "every":"1m","overlap":"x"                      | /overlap | use allow, skip, queue or replace
            "every":"1m","jitter":"30d"                     | /jitter  | outside 0 to PT24H
            "every":"1m","skip":["Xmas"]                    | /skip    | is no day
            "every":"1m","clockChange":"clock"              | /clockChange | clockChange is for cron
            "every":"1m","start":"2030-01-02T00:00:00Z","end":"2030-01-01T00:00:00Z" | /end | is not after its start
            "every":"1m","frob":1                           | /frob    | field \\"frob\\" is unknown
            """)
    void refusesWithFieldValueAndRange(String fields, String pointer, String why, Rig rig) {
        Rig.Answer answer = put(rig, "api-bad", fields);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/pointer").asText()).isEqualTo(pointer);
        assertThat(answer.text()).contains(why);
        assertThat(rig.get(PATH + "/api-bad").status()).isEqualTo(404);
    }

    @Test
    void refusesAJobThatIsNoneForASchedule(Rig rig) {
        String unique = "{\"every\":\"1m\",\"job\":{\"queue\":\"q\",\"type\":\"t\",\"unique\":{\"key\":\"k\"}}}";
        assertThat(rig.send("PUT", PATH + "/api-bad", unique).text()).contains("unique key of its own");
        assertThat(rig.send("PUT", PATH + "/api-bad", "{\"every\":\"1m\"}").text())
                .contains("job is missing");
        assertThat(put(rig, "api-bad", "\"every\":\"1m\",\"end\":\"2020-01-01T00:00:00Z\"")
                        .text())
                .contains("never fires");
    }
}
