import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';

/** Each state has a shape of its own: who sees no colours sees those. */
const DRAWN = {
  __proto__: null,
  completed: ['good', 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'M5 8.2l2.1 2.1L11 6.2'],
  failed: ['bad', 'M8 1 15 8 8 15 1 8z', 'M6 6l4 4M10 6l-4 4'],
  cancelled: ['faint', 'M2 2h12v12H2z', 'M5 8h6'],
  active: ['info', 'M3.5 1.8 14 8 3.5 14.2z', ''],
  running: ['info', 'M3.5 1.8 14 8 3.5 14.2z', ''],
  compensating: ['warn', 'M12.5 1.8 2 8l10.5 6.2z', ''],
  blocked: ['hollow', 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z', ''],
  waiting: ['hollow', 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z', 'M8 4.8V8l2 1.5'],
  delayed: ['hollow', 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z', 'M8 4.8V8l2 1.5'],
  paused: ['warn', 'M2.5 2h4v12h-4zM9.5 2h4v12h-4z', ''],
  ended: ['faint', 'M2.5 2.5h11v11h-11z', ''],
  open: ['info', 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'M8 5v6M5 8h6'],
};
const ALIKE = { __proto__: null, sealing: 'open', sealed: 'running', enqueued: 'running', 'by-hand': 'running', overlapped: 'cancelled', missed: 'failed', refused: 'failed' };

/** A state as a small drawing; the word stands beside it or is what is read out. */
export function Shape({ of, said = false }) {
  const [tone, outline, mark] = DRAWN[ALIKE[of] || of] || DRAWN.blocked;
  const words = said ? {} : { role: 'img', 'aria-label': t('word.' + of) };
  return html`<svg class=${'shape ' + tone} viewBox="0 0 16 16" ...${words} aria-hidden=${said ? 'true' : undefined}>
    <path class="outline" d=${outline} />${mark && html`<path class="inside" d=${mark} />`}
  </svg>`;
}

/** Shape and word together. */
export const State = ({ of }) => html`<span class="state"><${Shape} of=${of} said /><span>${t('word.' + of)}</span></span>`;

const SHARES = ['completed', 'failed', 'cancelled', 'active'];

/** How far many jobs have come, in one bar; of = counts by state. */
export function Parted({ of, all, label }) {
  return html`<div class="parted" role="img" aria-label=${label}>
    ${SHARES.filter((state) => of[state] > 0).map((state) => html`<i key=${state} class=${state} style=${{ width: (100 * of[state]) / (all || 1) + '%' }}></i>`)}
  </div>`;
}
