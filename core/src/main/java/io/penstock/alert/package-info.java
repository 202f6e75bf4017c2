/** Rules over what is measured, the alerts that come of them, and the promise that each is told once. */
@NullMarked
package io.penstock.alert;

import org.jspecify.annotations.NullMarked;
