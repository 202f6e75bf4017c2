package io.penstock.memory.optimise;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What {@code jcmd} can ask of this JVM. The platform's bean server is made at the first call (a few milliseconds, about a
 * megabyte), therefore not before a run wants it.
 */
final class DiagnosticCommand {
    private DiagnosticCommand() {}

    /** Tells whether this JVM knows the command, which depends on version and system. */
    static boolean has(String operation) throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        return server.isRegistered(name())
                && Arrays.stream(server.getMBeanInfo(name()).getOperations())
                        .anyMatch(known -> known.getName().equals(operation));
    }

    static void run(String operation) throws JMException {
        ManagementFactory.getPlatformMBeanServer().invoke(name(), operation, new Object[0], new String[0]);
    }

    static void run(String operation, String[] arguments) throws JMException {
        ManagementFactory.getPlatformMBeanServer()
                .invoke(name(), operation, new Object[] {arguments}, new String[] {String[].class.getName()});
    }

    private static ObjectName name() throws JMException {
        return new ObjectName("com.sun.management:type=DiagnosticCommand");
    }
}
