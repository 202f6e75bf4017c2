// Everything that pages build their view with. Text only ever becomes a text node: there is no way to HTML from here.
import { h } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { Fragment, render } from '../vendor/preact.js';
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/hooks.js';
export { signal, computed, effect, batch } from '../vendor/signals.js';
