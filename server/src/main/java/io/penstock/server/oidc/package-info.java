/** Sign-in by an OpenID Connect issuer: what it says is believed only as far as it can be checked. */
@NullMarked
package io.penstock.server.oidc;

import org.jspecify.annotations.NullMarked;
