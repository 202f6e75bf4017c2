/** What can be set about a server, from where it came, and the token. */
@NullMarked
package io.penstock.server.settings;

import org.jspecify.annotations.NullMarked;
