package io.penstock.server.oidc;

import io.penstock.server.caller.Caller;
import java.time.Instant;

/**
 * Somebody whom the issuer vouched for.
 *
 * @param until end of the ID token: for longer nobody vouches
 */
public record Person(Caller caller, Instant until) {}
