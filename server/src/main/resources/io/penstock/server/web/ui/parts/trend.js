import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { bytes, num, span } from '../lib/format.js';
import { Card, Pill } from './bits.js';

const WIDE = 520;
const HIGH = 150;
const LEFT = 4;
const TOP = 14;
const BOTTOM = 128;
const HOUR = 3600;

/** What is looked ahead when nothing fills up: a day, so that a slow slope is still seen to be one. */
const USUAL_SECONDS = 24 * HOUR;

const LONGEST_SECONDS = 30 * 24 * HOUR;

/** The seconds that the drawing spans: past the likely end, so that it lies inside. */
function ahead({ timeToFullSeconds: full, timeToFullHighSeconds: latest }) {
  return full === null ? USUAL_SECONDS : Math.min(LONGEST_SECONDS, latest === null ? full * 2.5 : Math.max(full * 1.4, latest * 1.08));
}

/** Where the floor of the live set goes from here: the likely line, and the cone that it stays in. */
function Cone({ trend, top }) {
  const seconds = ahead(trend);
  const x = (at) => LEFT + ((WIDE - 2 * LEFT) * at) / seconds;
  const y = (value) => BOTTOM - (BOTTOM - TOP) * Math.max(0, Math.min(1.06, value / top));
  const at = (slope, time) => trend.floorBytes + (slope || 0) * time;
  // a line is drawn up to where it meets the top, not beyond
  const end = (slope) => (slope > 0 ? Math.min(seconds, (top - trend.floorBytes) / slope) : seconds);
  const [low, high] = [trend.slopeLowBytesPerSecond ?? trend.slopeBytesPerSecond, trend.slopeHighBytesPerSecond ?? trend.slopeBytesPerSecond];
  const [soon, late] = [end(high), end(low)];
  const cone = `M${x(0)} ${y(trend.floorBytes)}L${x(soon)} ${y(at(high, soon))}L${x(Math.max(soon, late))} ${y(late > soon ? at(high, soon) : at(low, late))}L${x(late)} ${y(at(low, late))}Z`;
  const likely = end(trend.slopeBytesPerSecond);
  const full = trend.timeToFullSeconds;
  const words = full === null ? t('trend.never') : t('trend.full', { span: span(full) });
  return html`<svg class="cone" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${words}>
    <line class="top" x1="0" x2=${WIDE} y1=${y(top)} y2=${y(top)} />
    <text x="2" y=${y(top) - 4}>${t('trend.top', { bytes: bytes(top) })}</text>
    <line class="ground" x1="0" x2=${WIDE} y1=${BOTTOM} y2=${BOTTOM} />
    <path class=${'spread' + (full === null ? '' : ' warn')} d=${cone} />
    <line class=${'likely' + (full === null ? '' : ' warn')} x1=${x(0)} y1=${y(trend.floorBytes)} x2=${x(likely)} y2=${y(at(trend.slopeBytesPerSecond, likely))} />
    <circle class="from" cx=${x(0) + 2} cy=${y(trend.floorBytes)} r="4" />
    ${full !== null && full < seconds && html`<line class="when" x1=${x(full)} x2=${x(full)} y1=${y(top)} y2=${BOTTOM} />
      <text x=${x(full)} y=${HIGH - 6} text-anchor=${x(full) > WIDE * 0.8 ? 'end' : 'middle'}>${span(full)}</text>`}
    <text x="2" y=${HIGH - 6}>${t('time.now')}</text><text x=${WIDE - 2} y=${HIGH - 6} text-anchor="end">+${span(seconds)}</text>
  </svg>`;
}

/** So far the trend is not known: how much of what it needs has been seen. */
function Unknown({ trend }) {
  return html`<div class="empty"><ol class="dots" aria-hidden="true">${Array.from({ length: trend.floorsNeeded }, (none, i) => html`<li key=${i} class=${i < trend.floors ? 'seen' : ''}></li>`)}</ol>
    <strong>${t('trend.unknown')}</strong>
    <span>${t('trend.unknown.text', { floors: num(trend.floors), needed: num(trend.floorsNeeded) })}</span></div>`;
}

export const perHour = (value) => (value === null || value === undefined ? '–' : (value < 0 ? '−' : '+') + bytes(Math.abs(value) * HOUR) + '/h');

/** Where the live set is going; top = the heap that it may fill. */
export function Trend({ trend, top }) {
  if (!trend.known) {
    return html`<${Card} title=${t('memory.trend')}><${Unknown} trend=${trend} /></${Card}>`;
  }
  const full = trend.timeToFullSeconds;
  return html`<${Card} title=${t('memory.trend')} right=${html`<${Pill} of=${trend.growing ? t('trend.growing') : t('trend.steady')} tone=${trend.growing ? 'warn' : 'good'} />`}
    foot=${t('trend.window', { floors: num(trend.floors), span: span(trend.windowSeconds) })}>
    <p class="big">${full === null ? t('trend.never') : t('trend.full', { span: span(full) })}
      ${full !== null && html` <small class="note">${t('trend.between', { low: span(trend.timeToFullLowSeconds), high: trend.timeToFullHighSeconds === null ? '∞' : span(trend.timeToFullHighSeconds) })}</small>`}</p>
    <${Cone} trend=${trend} top=${top} />
    <dl class="facts above">
      <dt>${t('memory.floor')}</dt><dd>${bytes(trend.floorBytes)}</dd>
      <dt>${t('trend.slope')}</dt><dd>${perHour(trend.slopeBytesPerSecond)} <span class="faint">(${perHour(trend.slopeLowBytesPerSecond)} … ${perHour(trend.slopeHighBytesPerSecond)})</span></dd>
    </dl>
  </${Card}>`;
}
