/** Notification channels: how each kind is spoken to, and which ones there are. */
@NullMarked
package io.penstock.server.channel;

import org.jspecify.annotations.NullMarked;
