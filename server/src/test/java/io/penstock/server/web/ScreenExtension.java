package io.penstock.server.web;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the tests of a class one browser, opened for the first that wants it and closed behind the last; skips them,
 * loudly, where there is none.
 *
 * <p>One a class and not one for all: whoever drives a browser must be one thread, and classes run at the same time.
 */
final class ScreenExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(ScreenExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        Screen.assumeThereIsOne();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Screen.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext ofClass = context;
        while (ofClass.getTestMethod().isPresent()) {
            ofClass = ofClass.getParent().orElseThrow();
        }
        return ofClass.getStore(NAMESPACE).computeIfAbsent(Screen.class, key -> new Screen(), Screen.class);
    }
}
