package io.penstock;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this process is called among those of one Redis: its host and its number there. */
final class ProcessName {
    /** With a dash and ten digits it stays within the 64 characters of a name. */
    private static final int MOST_HOST = 50;

    private ProcessName() {}

    static String here() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            host = "localhost";
        }
        return of(host, ProcessHandle.current().pid());
    }

    static String of(String host, long pid) {
        String legal = host.replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[^A-Za-z0-9]+", "");
        String cut = legal.length() > MOST_HOST ? legal.substring(0, MOST_HOST) : legal;
        return (cut.isEmpty() ? "host" : cut) + "-" + pid;
    }
}
