import { html, useState } from '../lib/html.js';
import { knows, t } from '../lib/i18n.js';
import { may, post } from '../lib/api.js';
import { attempt, confirm, tell } from '../lib/ui.js';
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

/** Before and after as two bars of one scale: what went is what stands out. */
function Effect({ of, most }) {
  const bar = (name, before, after) => {
    const least = Math.min(before, after);
    const wide = (value) => (100 * value) / (most || 1) + '%';
    return html`<div class="effect" key=${name}><span>${name}</span><span class="bars"><i class="left" style=${{ width: wide(least) }}></i>
      <i class=${after < before ? 'went' : 'came'} style=${{ width: wide(Math.abs(before - after)) }}></i></span></div>`;
  };
  const known = (value) => value !== null && value !== undefined;
  return html`${known(of.before.rssBytes) && known(of.after.rssBytes) && bar('RSS', of.before.rssBytes, of.after.rssBytes)}
    ${known(of.before.heapUsedBytes) && known(of.after.heapUsedBytes) && bar(t('heap'), of.before.heapUsedBytes, of.after.heapUsedBytes)}`;
}

function Row({ of, open, turn, most }) {
  if (of.status === 'running') {
    return html`<tr><td>${t('strategy.' + of.strategy)}</td><td colspan="6" class="faint">${t('opt.running')}</td></tr>`;
  }
  return html`<tr data-optimisation=${of.id}>
      <td><button class="button plain turn" aria-expanded=${String(open)} onClick=${turn}><i aria-hidden="true">${open ? '▾' : '▸'}</i> ${t('strategy.' + of.strategy)}</button><span class="under">${knows('trigger.' + of.trigger) ? t('trigger.' + of.trigger) : of.trigger}</span></td>
      <td data-label=${t('when')}><${When} at=${of.startedAt} /><span class="under">${millis(of.durationMillis)}</span></td>
      <td class="grow" data-label=${t('opt.effect')}><${Effect} of=${of} most=${most} /></td>
      <td class=${'num ' + (of.freedBytes > 0 ? 'good' : 'faint')} data-label=${t('opt.freed')}>${bytes(of.freedBytes)}<span class="under">${t(of.measured ? 'opt.measured' : 'opt.unmeasured')}</span></td>
      <td class="num" data-label=${t('opt.returned')}>${bytes(of.rssReturnedBytes)}<span class="under">${t('opt.measured')}</span></td>
      <td data-label=${t('status')}><${Pill} of=${of.success ? 'ok' : 'fail'} /></td>
    </tr>
    ${open && html`<tr class="detail"><td colspan="6" class="wrap"><${Report} of=${of} /></td></tr>`}`;
}

function Buttons({ busy, run }) {
  return html`<div class="strategies">${STRATEGIES.map((each) => html`<button key=${each} class=${'strategy ' + each} disabled=${busy} data-strategy=${each} onClick=${() => run(each)}>
    <strong>${t('strategy.' + each)}</strong><span>${t('strategy.' + each + '.text')}</span></button>`)}</div>`;
}

/** What freed memory, and how much of it was measured to be free afterwards: never claimed. */
export function Optimisations({ stats, from }) {
  const [open, setOpen] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (strategy) => {
    if (strategy === 'emergency' && !(await confirm({ title: t('opt.emergency.title'), text: t('opt.emergency.text'), action: t('strategy.emergency') }))) {
      return;
    }
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
    foot=${stats.runs > 0 && html`${t('opt.stats', { runs: num(stats.runs), useful: num(stats.useful), freed: bytes(stats.freedBytes), rss: bytes(stats.rssReturnedBytes) })} ${stats.advice}
      ${gains.length > 1 && html`<br />${gains.map((each) => t('opt.gain', { strategy: t('strategy.' + each.strategy), runs: num(each.runs), freed: bytes(each.freedBytes) })).join(' · ')}`}`}>
    ${may('operate', true) && html`<${Buttons} busy=${busy || Boolean(stats.underway)} run=${run} />`}
    <${Loaded} from=${from}>${({ items }) => {
      const most = Math.max(0, ...items.flatMap((each) => [each.before, each.after].flatMap((side) => (side ? [side.rssBytes || 0, side.heapUsedBytes || 0] : []))));
      return items.length
        ? html`<table class="stacks"><thead><tr><th>${t('opt.strategy')}</th><th>${t('when')}</th><th>${t('opt.effect')}</th><th class="num">${t('opt.freed')}</th>
              <th class="num">${t('opt.returned')}</th><th>${t('status')}</th></tr></thead>
            <tbody>${items.map((each) => html`<${Row} key=${each.id} of=${each} most=${most} open=${open === each.id} turn=${() => setOpen(open === each.id ? '' : each.id)} />`)}</tbody></table>`
        : html`<${Empty} title=${t('opt.none')} text=${t('opt.none.text')} />`;
    }}</${Loaded}>
  </${Card}>`;
}
