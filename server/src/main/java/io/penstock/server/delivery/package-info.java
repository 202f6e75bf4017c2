/** The ways out of this network: the job type {@code http}, and what channels use; to allowed addresses and nowhere else. */
@NullMarked
package io.penstock.server.delivery;

import org.jspecify.annotations.NullMarked;
