package io.penstock.embedded;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A JUnit extension that gives every test the same running server, as a parameter of type {@link EmbeddedRedis}.
 *
 * <p>The first test that asks for it starts it, on temporary data; it is stopped after the last test of the run. Tests
 * share its keys: use names of your own, or FLUSHALL where tests run one after the other. Whoever kills it restarts it.
 *
 * <pre>{@code
 * @ExtendWith(EmbeddedRedisExtension.class)
 * class MailQueueTest {
 *     @Test
 *     void deliversOnce(EmbeddedRedis redis) { ... Penstock.connect(redis.uri()) ... }
 * }
 * }</pre>
 */
public final class EmbeddedRedisExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(EmbeddedRedisExtension.class);

    /** For JUnit, which makes the extension itself. */
    public EmbeddedRedisExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedRedis.class;
    }

    // The root's store lives as long as the run and closes what is AutoCloseable (JUnit 5.13 and later; with an older
    // one
    // the server ends with the JVM). The method's successor exists only in JUnit 6.
    @SuppressWarnings("deprecation")
    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        EmbeddedRedis.class, key -> EmbeddedRedis.builder().start(), EmbeddedRedis.class);
    }
}
