package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.examples.chat.llm.ModelAnswer;
import io.penstock.examples.chat.llm.ModelBusyException;
import io.penstock.examples.chat.llm.ModelClient;
import io.penstock.examples.chat.llm.ModelMessage;
import io.penstock.examples.chat.llm.ModelRefusedException;
import io.penstock.job.JobId;
import io.penstock.limit.Charge;
import io.penstock.resilience.CallPolicy;
import io.penstock.resilience.ResilientCall;
import io.penstock.server.delivery.HttpDelivery;
import io.penstock.worker.Handler;
import io.penstock.worker.JobContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs chat jobs: asks the agent's model, passes on what it says, keeps the answer, and tells who wanted to be told. */
final class Answering implements Handler<ChatTurn> {
    /** Who is told twice of one job within this time is told once. */
    private static final Duration ONCE = Duration.ofDays(1);

    private final Penstock penstock;
    private final Agents agents;
    private final History history;
    private final ModelClient models;
    private final Gatekeeper gate;

    Answering(Penstock penstock, Agents agents, History history, ModelClient models, Gatekeeper gate) {
        this.penstock = penstock;
        this.agents = agents;
        this.history = history;
        this.models = models;
        this.gate = gate;
    }

    @Override
    public void handle(ChatTurn turn, JobContext job) throws Exception {
        Agent agent = agents.find(turn.agent());
        if (agent == null) {
            throw new ModelRefusedException("agent " + turn.agent() + " was deleted");
        }
        ModelAnswer answer = ask(agent, turn, job);
        history.answer(job.id(), answer);
        job.result(answer);
        tell(turn, job.id(), answer);
    }

    private ModelAnswer ask(Agent agent, ChatTurn turn, JobContext job) throws Exception {
        List<ModelMessage> messages = new ArrayList<>();
        if (!agent.system().isEmpty()) {
            messages.add(new ModelMessage("system", agent.system()));
        }
        messages.addAll(history.remembered(turn.tenant(), turn.conversation()));
        messages.add(new ModelMessage("user", turn.question()));
        job.log("asking " + agent.id() + " (" + agent.model() + "), attempt " + job.attempt());
        StringBuilder said = new StringBuilder();
        Charge reserved = gate.reserve(turn.tenant(), agent.maxTokens());
        int tokens = 0;
        try {
            ModelAnswer answer = call(agent)
                    .call(() -> models.ask(agent.call(messages), piece -> {
                        job.emit(piece);
                        job.progress(Map.of("characters", said.append(piece).length()));
                    }));
            tokens = answer.tokens();
            return answer;
        } catch (InterruptedException stopped) {
            if (job.cancelled()) { // nobody wants the rest; what there is may still be read
                tokens = said.length() / 4;
                history.answer(job.id(), new ModelAnswer(said.toString(), "cancelled", tokens));
            }
            throw stopped;
        } finally {
            gate.settle(turn.tenant(), reserved, tokens);
        }
    }

    /** One breaker an agent. Attempts are the job's, which holds no slot while it waits. */
    private ResilientCall call(Agent agent) {
        return penstock.resilience()
                .of(CallPolicy.named("llm." + agent.id())
                        .attempts(1)
                        .breaker(0.5, 20, Duration.ofSeconds(5))
                        .retryIf(failure -> !(failure instanceof ModelBusyException)
                                && !(failure instanceof ModelRefusedException)));
    }

    private void tell(ChatTurn turn, JobId job, ModelAnswer answer) {
        if (turn.email() != null) {
            penstock.enqueue(
                    Mail.TYPE,
                    new Mail(turn.email(), "Your answer", turn.question() + "\n\n" + answer.text()),
                    options -> options.once("mail:" + job, ONCE));
        }
        if (turn.webhook() != null) {
            Map<String, Object> body =
                    Map.of("conversation", turn.conversation(), "job", job.toString(), "answer", answer.text());
            penstock.enqueue(
                    ChatApp.WEBHOOK,
                    HttpDelivery.Order.post(turn.webhook(), body),
                    options -> options.once("webhook:" + job, ONCE));
        }
    }
}
