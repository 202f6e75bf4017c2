import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { bytes, percent } from '../lib/format.js';

const LEVELS = ['NORMAL', 'WATCH', 'HIGH', 'CRITICAL', 'EMERGENCY'];
const TOP = 16;
const DEEP = 168;
const LEFT = 12;
const WIDE = 190;

/**
 * The hull: how deep the process lies in the water, against the mark up to which it may be loaded.
 *
 * line = what the load line holds (admission), sample = what the heap holds; both in bytes of one scale, the heap.
 */
export function Hull({ line, used, live }) {
  const heap = line.heapBytes || 1;
  const y = (value) => TOP + DEEP * (1 - Math.max(0, Math.min(1, (value || 0) / heap)));
  const base = line.baseBytes || 0;
  const load = base + (line.runningBytes || 0) + (line.handBytes || 0);
  const mark = y(line.lineBytes);
  const over = load > line.lineBytes;
  const right = LEFT + WIDE;
  const bottom = TOP + DEEP;
  // the section of a ship: straight sides, a round bilge, and a keel
  const hull = `M${LEFT} ${TOP}C${LEFT + 1} ${TOP + 70} ${LEFT + 2} ${bottom - 30} ${LEFT + 34} ${bottom - 9}Q${LEFT + 52} ${bottom} ${LEFT + WIDE / 2} ${bottom}Q${right - 52} ${bottom} ${right - 34} ${bottom - 9}C${right - 2} ${bottom - 30} ${right - 1} ${TOP + 70} ${right} ${TOP}`;
  const words = t('hull.words', {
    load: bytes(load), line: bytes(line.lineBytes), share: percent(load / (line.lineBytes || 1), 0), heap: bytes(line.heapBytes),
  });
  const water = (from, to, name) => html`<rect class=${name} x=${LEFT} width=${WIDE} y=${y(to)} height=${Math.max(0, y(from) - y(to))} clip-path="url(#hull)" />`;
  return html`<figure class="hull">
    <svg viewBox="0 0 330 200" role="img" aria-label=${words}>
      <defs><clipPath id="hull"><path d=${hull + 'Z'} /></clipPath></defs>
      <rect class="inside" x=${LEFT} y=${TOP} width=${WIDE} height=${DEEP} clip-path="url(#hull)" />
      ${water(0, base, 'base')} ${water(base, load, over ? 'running over' : 'running')}
      <path class="wall" d=${hull} />
      ${used > 0 && html`<line class="used" clip-path="url(#hull)" x1=${LEFT + 3} x2=${right - 3} y1=${y(used)} y2=${y(used)} />`}
      ${live > 0 && html`<line class="livemark" clip-path="url(#hull)" x1=${LEFT + 3} x2=${right - 3} y1=${y(live)} y2=${y(live)} />`}
      <g class="mark">
        <circle cx=${right + 18} cy=${mark} r="9.5" />
        <line x1=${LEFT} x2=${right + 34} y1=${mark} y2=${mark} />
        <text x=${right + 40} y=${mark - 3}>${t('hull.line')}</text>
        <text class="small" x=${right + 40} y=${mark + 11}>${percent(line.lineBytes / heap, 0)} · ${bytes(line.lineBytes)}</text>
      </g>
      <text class="small faintly" x=${right + 6} y=${TOP + 4}>${bytes(line.heapBytes)}</text>
      <text class="small faintly" x=${right + 6} y=${bottom}>0</text>
    </svg>
    <figcaption>
      <ul class="key">
        <li><i class="base"></i>${t('hull.base')} <b>${bytes(base)}</b></li>
        <li><i class="running"></i>${t('hull.running')} <b>${bytes(load - base)}</b></li>
        <li><i class="used"></i>${t('hull.used')} <b>${bytes(used)}</b></li>
        ${live > 0 && html`<li><i class="livemark"></i>${t('hull.live')} <b>${bytes(live)}</b></li>`}
      </ul>
    </figcaption>
  </figure>`;
}

/** The five levels as steps; the one that it stands on is filled. */
export function Ladder({ level }) {
  const at = LEVELS.indexOf(level);
  return html`<ol class="ladder" aria-label=${t('level')}>
    ${LEVELS.map(
      (each, i) => html`<li key=${each} class=${i === at ? 'here l' + i : i < at ? 'past' : ''} aria-current=${i === at ? 'step' : undefined}>${t('word.' + each)}</li>`,
    )}
  </ol>`;
}
