package io.penstock.server;

import io.penstock.embedded.EmbeddedRedis;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives every test of the run the same server and the same Redis. */
public final class RigExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(RigExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Rig.class || type == EmbeddedRedis.class;
    }

    /** Before any server that a test starts for itself: the first of a process is the one that optimises its memory. */
    @Override
    public void beforeAll(ExtensionContext context) {
        shared(context);
    }

    private static Shared shared(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent(Shared.class, key -> new Shared(), Shared.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Shared shared = shared(context);
        return parameter.getParameter().getType() == Rig.class ? shared.rig : shared.redis;
    }

    /** For tests with a Redis or a server of their own only: the shared server is there before theirs, and optimises. */
    public static final class First implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            shared(context);
        }
    }

    /** Closed by the store at the end of the run. */
    private static final class Shared implements AutoCloseable {
        final EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start();
        final Rig rig = Rig.start(redis, flags -> {});

        Shared() {
            // a loaded machine is slow, not wrong
            Awaitility.setDefaultTimeout(Duration.ofSeconds(40));
        }

        @Override
        public void close() {
            rig.close();
            redis.close();
        }
    }
}
