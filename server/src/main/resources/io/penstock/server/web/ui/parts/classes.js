import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { get, may } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm } from '../lib/ui.js';
import { bytes, millis, num } from '../lib/format.js';
import { Card, Empty } from './bits.js';

/** Rows of a page; the classes that matter are among the first. */
const ROWS = 20;

/** Classes that are asked for: what grows is compared by name, so more of them than are shown. */
const ASKED = 200;

const signed = (value, format) => (value > 0 ? '+' : value < 0 ? '−' : '±') + format(Math.abs(value));

/** A difference in a table: more is what stands out. least = it may be more than that, since one side was not listed. */
export function Delta({ of, least = false, format = bytes }) {
  const tone = of > 0 ? ' warn' : of < 0 ? ' good' : ' zero';
  return html`<td class=${'num' + tone}>${least ? '≥ ' : ''}${signed(of, format)}</td>`;
}

/**
 * Two lists of classes side by side, those that changed most first. A class that only one list holds was among the small ones of the other,
 * so that at least the difference to its smallest is known.
 */
export function compared(before, after) {
  const least = (list) => (list.length ? list[list.length - 1].bytes : 0);
  const [floor, ceiling] = [least(before), least(after)];
  const old = new Map(before.map((each) => [each.className, each]));
  const now = new Set(after.map((each) => each.className));
  const rows = after.map((each) => {
    const from = old.get(each.className);
    return { name: each.className, from, to: each, change: each.bytes - (from ? from.bytes : floor), least: !from };
  });
  before.filter((each) => !now.has(each.className)).forEach((each) => {
    rows.push({ name: each.className, from: each, to: null, change: ceiling - each.bytes, least: true });
  });
  return rows.filter((each) => each.change).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** What changed between two histograms, in a table of few rows. */
export function Changed({ before, after }) {
  const rows = compared(before, after).slice(0, ROWS);
  return rows.length
    ? html`<div class="scroll" tabindex="0"><table class="tight"><thead><tr><th>${t('classes.class')}</th><th class="num">${t('compare.before')}</th><th class="num">${t('compare.after')}</th><th class="num">${t('compare.change')}</th></tr></thead>
        <tbody>${rows.map((each) => html`<tr key=${each.name}><td class="mono wrap">${each.name}</td><td class="num">${each.from ? bytes(each.from.bytes) : t('classes.small')}</td>
          <td class="num">${each.to ? bytes(each.to.bytes) : t('classes.small')}</td><${Delta} of=${each.change} least=${each.least} /></tr>`)}</tbody></table></div>`
    : html`<p class="note">${t('compare.same')}</p>`;
}

/** The classes with most bytes. */
export function Largest({ of }) {
  return html`<div class="scroll" tabindex="0"><table class="tight"><thead><tr><th>${t('classes.class')}</th><th class="num">${t('leak.instances')}</th><th class="num">${t('bytes')}</th></tr></thead>
    <tbody>${of.slice(0, ROWS).map((each) => html`<tr key=${each.className}><td class="mono wrap">${each.className}</td><td class="num">${num(each.instances)}</td><td class="num">${bytes(each.bytes)}</td></tr>`)}</tbody></table></div>`;
}

/** Asks whether the whole program may stand still, and says for how long before it does. */
export async function mayStop() {
  let span = '';
  const known = await attempt(async () => {
    span = millis((await get('/memory/histogram?estimate=true')).estimatedPauseMillis);
  });
  return known && confirm({ title: t('classes.stop.title', { span }), text: t('classes.stop.text'), action: t('classes.stop'), danger: false });
}

/** What the heap is full of, and what of it has grown since the look before. */
export function Classes() {
  const [looks, setLooks] = useState([]);
  const [busy, setBusy] = useState(false);
  const cost = useFetch('/memory/histogram?estimate=true');
  const look = async () => {
    if (!(await mayStop())) {
      return;
    }
    setBusy(true);
    await attempt(async () => {
      const seen = await get('/memory/histogram?top=' + ASKED);
      setLooks((before) => [...before.slice(-1), seen]);
    });
    setBusy(false);
  };
  const [before, after] = looks.length > 1 ? looks : [null, looks[0]];
  const span = millis(cost.data && cost.data.estimatedPauseMillis);
  return html`<${Card} title=${t('classes')} note=${t('classes.note')}
    right=${may('operate', true) && html`<button class="button" disabled=${busy} onClick=${look} data-testid="look">${t(busy ? 'classes.looking' : after ? 'classes.again' : 'classes.look')}</button>`}
    foot=${after && t('classes.stopped', { span: millis(after.pauseMillis), n: num(after.totalInstances), bytes: bytes(after.totalBytes) })}>
    ${!after && html`<${Empty} title=${t('classes.none')} text=${t('classes.none.text', { span })} />`}
    ${after && !before && html`<${Largest} of=${after.classes} />`}
    ${before && html`<p class="note">${t('classes.since')}</p><${Changed} before=${before.classes} after=${after.classes} />
      <details class="above"><summary>${t('classes.largest')}</summary><${Largest} of=${after.classes} /></details>`}
  </${Card}>`;
}
