package io.penstock.server.oidc;

import io.penstock.server.caller.Role;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which issuer is believed, and who gets which role.
 *
 * @param issuer as it names itself, to the letter
 * @param secret empty = a public client, which has PKCE alone
 * @param claim of the ID token, that holds a text or a list of texts
 * @param queues name of the claim that holds queue patterns; empty = everybody who signs in so may touch all queues
 * @param roles by text of that claim, to the letter: no patterns, which would match more than was thought of
 */
public record OidcConfig(
        String issuer, String clientId, String secret, String claim, String queues, Map<String, Role> roles) {
    /** Of the claim of queues: all of them. */
    static final String ALL = "*";

    public OidcConfig {
        roles = Map.copyOf(roles);
    }

    /** Reads it from the settings; null = there is no issuer. */
    public static @Nullable OidcConfig of(Settings settings) {
        String issuer = settings.text(Setting.OIDC_ISSUER);
        if (issuer.isEmpty()) {
            return null;
        }
        Map<String, Role> roles = new LinkedHashMap<>();
        for (String pair : settings.list(Setting.OIDC_ROLES)) {
            int equals = pair.lastIndexOf('=');
            Role role = Role.of(pair.substring(equals + 1).strip());
            if (role != null) { // the setting was checked
                roles.put(pair.substring(0, equals).strip(), role);
            }
        }
        return new OidcConfig(
                issuer,
                settings.text(Setting.OIDC_CLIENT_ID),
                settings.text(Setting.OIDC_CLIENT_SECRET),
                settings.text(Setting.OIDC_CLAIM),
                settings.text(Setting.OIDC_QUEUES),
                roles);
    }

    /** Returns the name of the issuer's host, for people. */
    public String host() {
        String host = URI.create(issuer).getHost();
        return host == null ? issuer : host;
    }

    /** Returns the role of somebody with these texts in the claim, the mightiest of all; null = none. */
    @Nullable
    Role role(Iterable<String> texts) {
        Role best = null;
        for (String text : texts) {
            Role role = roles.get(text);
            if (role != null && (best == null || role.compareTo(best) > 0)) {
                best = role;
            }
        }
        return best;
    }
}
