import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { may, post } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, tell } from '../lib/ui.js';
import { bytes, millis, num } from '../lib/format.js';
import { Card, Empty, Loaded, Pill, When } from './bits.js';

const STRATEGIES = ['standard', 'preventive', 'aggressive', 'emergency'];

function Change({ before, after }) {
  if (before === null || after === null || before === undefined || after === undefined) {
    return html`<span class="faint">–</span>`;
  }
  const less = before - after;
  return html`<span>${bytes(before)} → ${bytes(after)} <b class=${less > 0 ? 'good' : less < 0 ? 'warn' : 'faint'}>${less > 0 ? '−' : less < 0 ? '+' : '±'}${bytes(Math.abs(less))}</b></span>`;
}

function Report({ of }) {
  return html`<div class="report" data-testid="report">
    <dl class="facts">
      <dt>${t('hull.live')}</dt><dd><${Change} before=${of.before.liveSetBytes} after=${of.after.liveSetBytes} /></dd>
      <dt>${t('hull.used')}</dt><dd><${Change} before=${of.before.heapUsedBytes} after=${of.after.heapUsedBytes} /></dd>
      <dt>RSS</dt><dd><${Change} before=${of.before.rssBytes} after=${of.after.rssBytes} /></dd>
      <dt>${t('opt.reason')}</dt><dd>${of.reason}</dd>
    </dl>
    <table class="tight"><thead><tr><th>${t('opt.step')}</th><th class="num">${t('opt.freed')}</th><th class="num">${t('opt.took')}</th></tr></thead>
      <tbody>${of.steps.map((step) => html`<tr key=${step.name}><td>${step.name} ${!step.ok && html`<span class="bad">${step.error}</span>`}</td><td class="num">${bytes(step.freedBytes)}</td><td class="num">${millis(step.durationMillis)}</td></tr>`)}</tbody></table>
    <p class="note">${of.outcome}</p>
  </div>`;
}

function Row({ of, open, turn }) {
  if (of.status === 'running') {
    return html`<tr><td>${of.strategy}</td><td colspan="7" class="faint">${t('opt.running')}</td></tr>`;
  }
  return html`<tr data-optimisation=${of.id}>
      <td><button class="button plain" aria-expanded=${String(open)} onClick=${turn}>${open ? '▾' : '▸'} ${t('strategy.' + of.strategy)}</button></td>
      <td><${When} at=${of.startedAt} /></td><td>${of.trigger}</td><td class="num">${millis(of.durationMillis)}</td>
      <td class=${'num ' + (of.freedBytes > 0 ? 'good' : 'faint')}>${bytes(of.freedBytes)}</td>
      <td class="num">${bytes(of.rssReturnedBytes)}</td>
      <td>${of.measured ? t('opt.measured') : html`<span class="warn">${t('opt.unmeasured')}</span>`}</td>
      <td><${Pill} of=${of.success ? 'ok' : 'fail'} /></td>
    </tr>
    ${open && html`<tr><td colspan="8" class="wrap"><${Report} of=${of} /></td></tr>`}`;
}

function Buttons({ busy, run }) {
  return html`${STRATEGIES.map((each) => html`<button key=${each} class=${'button' + (each === 'emergency' ? ' danger' : each === 'standard' ? ' primary' : '')} disabled=${busy}
    title=${t('strategy.' + each + '.text')} data-strategy=${each} onClick=${() => run(each)}>${t('strategy.' + each)}</button>`)}`;
}

/** What freed memory, and how much of it was measured to be free afterwards: never claimed. */
export function Optimisations({ stats }) {
  const from = useFetch('/memory/optimizations?limit=12', 10000);
  const [open, setOpen] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (strategy) => {
    setBusy(true);
    await attempt(async () => {
      const report = await post('/memory/optimizations', { strategy, reason: 'dashboard' }, { 'Idempotency-Key': crypto.randomUUID() });
      if (report.status === 'done') {
        setOpen(report.id);
        tell(t('opt.done', { bytes: bytes(report.freedBytes), span: millis(report.durationMillis) }));
      }
    });
    setBusy(false);
    from.reload();
  };
  const gains = stats.strategies.filter((each) => each.runs);
  return html`<${Card} title=${t('opt')} note=${t('opt.note')} flush
    right=${may('operate', true) && html`<${Buttons} busy=${busy || Boolean(stats.underway)} run=${run} />`}
    foot=${html`${t('opt.stats', { runs: num(stats.runs), useful: num(stats.useful), freed: bytes(stats.freedBytes), rss: bytes(stats.rssReturnedBytes) })} ${stats.advice}`}>
    <${Loaded} from=${from}>${({ items }) =>
      items.length
        ? html`<table><thead><tr><th>${t('opt.strategy')}</th><th>${t('when')}</th><th>${t('opt.trigger')}</th><th class="num">${t('opt.took')}</th><th class="num">${t('opt.freed')}</th>
              <th class="num">${t('opt.returned')}</th><th>${t('opt.how')}</th><th>${t('status')}</th></tr></thead>
            <tbody>${items.map((each) => html`<${Row} key=${each.id} of=${each} open=${open === each.id} turn=${() => setOpen(open === each.id ? '' : each.id)} />`)}</tbody></table>
          ${gains.length > 1 && html`<p class="note pad">${gains.map((each) => t('opt.gain', { strategy: t('strategy.' + each.strategy), runs: num(each.runs), freed: bytes(each.freedBytes) })).join(' · ')}</p>`}`
        : html`<${Empty} title=${t('opt.none')} text=${t('opt.none.text')} />`}</${Loaded}>
  </${Card}>`;
}
