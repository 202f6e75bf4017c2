/** The dashboard's files and the sign-in of people; what they see comes from the same REST routes as for everybody. */
@NullMarked
package io.penstock.server.web;

import org.jspecify.annotations.NullMarked;
