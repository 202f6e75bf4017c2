package io.penstock.server.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells addresses that only this machine reaches from others. */
public final class Address {
    private Address() {}

    /** Tells whether the name or address is of this machine alone; an unknown name is not. */
    public static boolean loopback(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException unknown) {
            return false;
        }
    }
}
