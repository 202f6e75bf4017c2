package io.penstock.worker;

/** Ends a run with an outcome that is no failure of the handler; thrown, so that it passes through the user's frames. */
final class Verdict extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;

    Verdict(Outcome outcome) {
        super("the run ends here: " + outcome.kind() + "; let this pass", null, false, false);
        this.outcome = outcome;
    }

    Outcome outcome() {
        return outcome;
    }
}
