import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { bytes, num } from '../lib/format.js';
import { Card, Pill } from './bits.js';

const VERDICTS = { NONE: 'good', WATCHING: 'info', GROWING: 'warn', GROWTH: 'warn', SUSPECTED: 'warn', LIKELY: 'bad', LEAKING: 'bad', CONFIRMED: 'bad' };

function Table({ heads, rows }) {
  return rows.length > 0 && html`<div class="scroll" tabindex="0"><table class="tight">
    <thead><tr>${heads.map((each, i) => html`<th key=${each} class=${i ? 'num' : ''}>${each}</th>`)}</tr></thead>
    <tbody>${rows}</tbody></table></div>`;
}

/** What speaks for a leak, and what that is known from. */
export function Leaks({ leak }) {
  const open = leak.open.filter((each) => each.open > 0 || each.growing || each.lostHandles > 0);
  return html`<${Card} title=${t('leak')} right=${html`<${Pill} of=${leak.verdict} tone=${VERDICTS[leak.verdict] || 'warn'} />`}>
    <ul class="evidence">${leak.evidence.map((each) => html`<li key=${each}>${each}</li>`)}</ul>
    <${Table} heads=${[t('leak.types'), t('leak.watched'), t('leak.retained')]} rows=${leak.jobs.map((each) => html`<tr key=${each.type}><td class="mono">${each.type}</td><td class="num">${num(each.watched)}</td><td class=${'num' + (each.retained ? ' bad' : ' zero')}>${num(each.retained)}</td></tr>`)} />
    <${Table} heads=${[t('leak.open'), t('leak.now'), t('leak.opened'), t('leak.lost')]} rows=${open.map((each) => html`<tr key=${each.kind}><td class="mono">${each.kind} ${each.growing && html`<${Pill} of=${t('trend.growing')} tone="warn" />`}</td><td class="num">${num(each.open)}</td><td class="num">${num(each.opened)}</td><td class=${'num' + (each.lostHandles ? ' bad' : ' zero')}>${num(each.lostHandles)}</td></tr>`)} />
    <${Table} heads=${[t('leak.classes'), t('leak.instances'), t('bytes')]} rows=${leak.classes.map((each) => html`<tr key=${each.className}><td class="mono">${each.className}</td><td class="num">+${num(each.instances)}</td><td class="num">+${bytes(each.bytes)}</td></tr>`)} />
  </${Card}>`;
}
