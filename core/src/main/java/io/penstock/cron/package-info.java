/** Times of the calendar: cron expressions, zones and their clock changes, days that are left out, and all of it in words. */
@NullMarked
package io.penstock.cron;

import org.jspecify.annotations.NullMarked;
