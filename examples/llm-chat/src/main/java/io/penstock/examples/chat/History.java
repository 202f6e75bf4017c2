package io.penstock.examples.chat;

import io.penstock.examples.chat.llm.ModelAnswer;
import io.penstock.examples.chat.llm.ModelMessage;
import io.penstock.job.JobId;
import io.penstock.runtime.Clock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was asked and answered. Bound: what is older than its days goes, slice by slice, in Penstock's daily clean-up. */
final class History {
    /** Turns of a conversation that are shown. */
    private static final int MOST_TURNS = 200;

    /** Turns that a model is reminded of. */
    private static final int MOST_REMEMBERED = 10;

    private static final int SLICE = 500;

    private static final String ENTRY =
            "SELECT t.*, a.text, a.ending, a.tokens FROM turn t LEFT JOIN answer a ON a.job = t.job ";

    private final Database database;
    private final Clock clock;
    private final Duration age;

    /**
     * One turn.
     *
     * @param answer null = not yet, see its job
     * @param ending how the answer ended: {@code stop}, {@code length}, {@code cancelled}
     */
    record Entry(
            String id,
            String conversation,
            String agent,
            String question,
            String job,
            Instant askedAt,
            @Nullable String answer,
            @Nullable String ending,
            int tokens) {}

    /** A conversation in a list. */
    record Heading(String id, String agent, String question, Instant askedAt) {}

    History(Database database, Clock clock, Duration age) {
        this.database = database;
        this.clock = clock;
        this.age = age;
    }

    void add(String id, String tenant, ChatTurn turn, JobId job) {
        database.update(
                "INSERT INTO turn (id, conversation, tenant, agent, question, job, asked_at) VALUES (?,?,?,?,?,?,?)",
                id,
                turn.conversation(),
                tenant,
                turn.agent(),
                turn.question(),
                job.toString(),
                clock.millis());
    }

    /** Keeps an answer for all turns that share the job; a later run of it wins. */
    void answer(JobId job, ModelAnswer answer) {
        String text = answer.text().replace("\0", ""); // which not every database keeps
        Object[] fields = {text, answer.ending(), answer.tokens(), clock.millis(), job.toString()};
        if (database.update("UPDATE answer SET text=?, ending=?, tokens=?, answered_at=? WHERE job=?", fields) == 0) {
            database.update("INSERT INTO answer (text, ending, tokens, answered_at, job) VALUES (?,?,?,?,?)", fields);
        }
    }

    List<Entry> conversation(String tenant, String conversation) {
        List<Entry> newest = database.list(
                History::entry,
                ENTRY + "WHERE t.conversation=? AND t.tenant=? ORDER BY t.asked_at DESC, t.id LIMIT " + MOST_TURNS,
                conversation,
                tenant);
        Collections.reverse(newest);
        return newest;
    }

    List<Heading> conversations(String tenant, int most) {
        return database.list(
                row -> new Heading(
                        row.getString("conversation"),
                        row.getString("agent"),
                        row.getString("question"),
                        Instant.ofEpochMilli(row.getLong("asked_at"))),
                "SELECT t.conversation, t.agent, t.question, t.asked_at FROM turn t WHERE t.tenant=? AND NOT EXISTS"
                        + " (SELECT 1 FROM turn e WHERE e.conversation=t.conversation AND e.asked_at < t.asked_at)"
                        + " ORDER BY t.asked_at DESC LIMIT " + most,
                tenant);
    }

    /** Finds a turn. */
    @Nullable
    Entry turn(String tenant, String id) {
        return database.first(History::entry, ENTRY + "WHERE t.id=? AND t.tenant=?", id, tenant);
    }

    /** Finds the turn that was first asked with this job. */
    @Nullable
    Entry of(String tenant, JobId job) {
        return database.first(
                History::entry, ENTRY + "WHERE t.job=? AND t.tenant=? ORDER BY t.asked_at", job.toString(), tenant);
    }

    /** What has been said before in a conversation, the oldest first. */
    List<ModelMessage> remembered(String tenant, String conversation) {
        List<Entry> all = conversation(tenant, conversation).stream()
                .filter(entry -> entry.answer() != null && !"cancelled".equals(entry.ending()))
                .toList();
        List<ModelMessage> messages = new ArrayList<>();
        for (Entry entry : all.subList(Math.max(0, all.size() - MOST_REMEMBERED), all.size())) {
            messages.add(new ModelMessage("user", entry.question()));
            messages.add(new ModelMessage("assistant", String.valueOf(entry.answer())));
        }
        return messages;
    }

    int delete(String tenant, String conversation) {
        return database.update("DELETE FROM turn WHERE conversation=? AND tenant=?", conversation, tenant);
    }

    /** Forgets what is too old, so many rows at a time that nobody else waits for it. */
    long forget() {
        long before = clock.millis() - age.toMillis();
        return forget("turn", "id", "asked_at", before) + forget("answer", "job", "answered_at", before);
    }

    private long forget(String table, String key, String time, long before) {
        String sql = "DELETE FROM " + table + " WHERE " + key + " IN (SELECT " + key + " FROM " + table + " WHERE "
                + time + " < ? LIMIT " + SLICE + ")";
        long gone = 0;
        int slice;
        do {
            slice = database.update(sql, before);
            gone += slice;
        } while (slice == SLICE && !Thread.currentThread().isInterrupted());
        return gone;
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getString("id"),
                row.getString("conversation"),
                row.getString("agent"),
                row.getString("question"),
                row.getString("job"),
                Instant.ofEpochMilli(row.getLong("asked_at")),
                row.getString("text"),
                row.getString("ending"),
                row.getInt("tokens"));
    }
}
