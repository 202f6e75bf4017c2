/** The roof: wires everything together and is imported by nothing else in the library. */
@NullMarked
package io.penstock;

import org.jspecify.annotations.NullMarked;
