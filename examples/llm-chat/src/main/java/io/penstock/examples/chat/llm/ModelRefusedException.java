package io.penstock.examples.chat.llm;

/** The model will never answer this: a wrong key, an unknown model, a conversation that is too long. */
public final class ModelRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** One that says why. */
    public ModelRefusedException(String message) {
        super(message);
    }
}
