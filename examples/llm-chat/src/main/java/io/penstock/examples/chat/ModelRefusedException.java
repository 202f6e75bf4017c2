package io.penstock.examples.chat;

/** The model will never answer this: a wrong key, an unknown model, a conversation that is too long. */
final class ModelRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelRefusedException(String message) {
        super(message);
    }
}
