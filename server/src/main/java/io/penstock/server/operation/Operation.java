package io.penstock.server.operation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.server.wire.Json;
import java.io.IOException;

/**
 * An operation as it stands in Redis.
 *
 * @param held a living server has it in hand
 * @param cancelRequested it is to stop
 */
record Operation(Plan plan, Tally tally, boolean held, boolean cancelRequested) {
    /** One that runs and that nobody has in hand was left by a server that died; the next one to look goes on with it. */
    String state() {
        return tally.state == Tally.State.RUNNING && !held ? "interrupted" : tally.state.wire();
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStringField("id", plan.id());
        json.writeStringField("action", Plan.wire(plan.action()));
        json.writeStringField("state", state());
        json.writeBooleanField("cancelRequested", cancelRequested && !tally.state.over());
        json.writeStringField("by", plan.by());
        if (plan.filter() == null) {
            json.writeNumberField("ids", plan.ids());
        } else {
            Plan.filter(json, plan.filter());
        }
        Json.instant(json, "createdAt", plan.createdAt());
        json.writeNumberField("progress", tally.share());
        tally.counts(json);
        json.writeNumberField("moreFailures", Math.max(0, tally.failed - tally.failures.size()));
    }
}
