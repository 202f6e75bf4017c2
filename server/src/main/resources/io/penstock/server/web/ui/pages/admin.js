import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { may, patch, session } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt } from '../lib/ui.js';
import { bytes, clock, millis, num, percent, span } from '../lib/format.js';
import { Audit } from '../parts/audit.js';
import { Card, Loaded, Pill } from '../parts/bits.js';
import { Tokens } from '../parts/tokens.js';

const TABS = ['health', 'settings', 'tokens', 'audit', 'monitoring', 'about'];

/** Whose token is for some queues has no business with the others' tokens, and a viewer none at all. */
const tabs = () => TABS.filter((each) => each !== 'tokens' || (session.value.role === 'admin' && !session.value.queues.length));

function Health() {
  const from = useFetch('/health', 10000);
  return html`<${Loaded} from=${from}>${(health) => html`
    <${Card} title=${t('health')} right=${html`<${Pill} of=${health.status} />`} flush>
      <table class="checks"><thead><tr><th>${t('health.check')}</th><th>${t('status')}</th><th>${t('health.found')}</th></tr></thead>
        <tbody>${health.checks.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td><${Pill} of=${each.status} /></td><td class="wrap">${each.detail}</td></tr>`)}</tbody></table>
    </${Card}>
    <${Card} title=${t('health.services')} flush>
      <table class="checks"><tbody>${Object.entries(health.services).map(([name, each]) => html`<tr key=${name}><td>${name}</td><td><${Pill} of=${each.status} /></td><td class="wrap">${each.reason}</td></tr>`)}</tbody></table>
    </${Card}>`}</${Loaded}>`;
}

function Setting({ item, etag, reload }) {
  const [draft, setDraft] = useState(null);
  const save = async (value) => {
    const before = item.value;
    const undo = () => attempt(() => patch('/config', { [item.key]: before }).then(reload), t('done.undone'));
    if (await attempt(() => patch('/config', { [item.key]: value }, { 'If-Match': etag }), t('done.saved'), undo)) {
      setDraft(null);
    }
    reload();
  };
  return html`<tr><td class="mono">${item.key}</td>
    <td class="mono wrap" data-label=${t('setting.value')}>${draft === null ? item.value || html`<span class="faint">${t('setting.empty')}</span>` : html`<input aria-label=${item.key} value=${draft} onInput=${(event) => setDraft(event.target.value)} />`}</td>
    <td class=${item.origin === 'default' ? 'faint' : ''} data-label=${t('setting.origin')}>${item.origin === 'default' ? t('setting.default') : item.origin}</td>
    <td class="num">${item.live && may('administer', true)
      ? draft === null
        ? html`<button class="button plain" onClick=${() => setDraft(item.value)}>${t('edit')}</button>`
        : html`<button class="button" onClick=${() => setDraft(null)}>${t('cancel')}</button> <button class="button" onClick=${() => save(null)}>${t('setting.reset')}</button> <button class="button primary" onClick=${() => save(draft)}>${t('save')}</button>`
      : html`<span class="faint">${item.live ? '' : t('setting.fixed')}</span>`}</td></tr>`;
}

function Settings() {
  const from = useFetch('/config');
  return html`<${Card} title=${t('settings')} note=${t('settings.note')} flush><${Loaded} from=${from}>${({ items }) => html`<table class="stacks">
    <thead><tr><th>${t('setting')}</th><th>${t('setting.value')}</th><th>${t('setting.origin')}</th><th></th></tr></thead>
    <tbody>${items.map((each) => html`<${Setting} key=${each.key} item=${each} etag=${from.etag} reload=${from.reload} />`)}</tbody></table>`}</${Loaded}></${Card}>`;
}

function Monitoring() {
  const from = useFetch('/monitoring', 5000);
  return html`<${Loaded} from=${from}>${(now) => html`
    <${Card} title=${t('monitoring')} note=${t('monitoring.note', { kept: bytes(now.retainedBytes), most: bytes(now.maxBytes), cpu: percent(now.cpuShare, 3) })} flush>
      <table><thead><tr><th>${t('monitoring.group')}</th><th class="num">${t('monitoring.every')}</th><th class="num">${t('monitoring.metrics')}</th><th class="num">${t('monitoring.samples')}</th><th class="num">${t('monitoring.mean')}</th><th class="num">${t('monitoring.longest')}</th></tr></thead>
        <tbody>${now.groups.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td class="num">${millis(each.intervalMillis)}</td><td class="num">${num(each.metrics)}</td><td class="num">${num(each.samples)}</td><td class="num">${num(each.meanMicros)} µs</td><td class="num">${num(each.longestMicros)} µs</td></tr>`)}</tbody></table>
    </${Card}>
    <${Card} title=${t('timer')} note=${t('timer.note', { n: num(now.timerTasks.length) })} flush>
      <table><thead><tr><th>${t('timer.task')}</th><th class="num">${t('monitoring.every')}</th><th class="num">${t('opt.runs')}</th><th class="num">${t('monitoring.mean')}</th><th class="num">${t('monitoring.longest')}</th><th class="num">${t('timer.late')}</th><th class="num">${t('timer.failures')}</th><th class="num">${t('timer.overruns')}</th></tr></thead>
        <tbody>${now.timerTasks.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td class="num">${each.periodMillis ? millis(each.periodMillis) : t('timer.once')}</td><td class="num">${num(each.runs)}</td>
          <td class="num">${num(each.runs ? each.totalNanos / each.runs / 1000 : 0)} µs</td><td class="num">${num(each.longestNanos / 1000)} µs</td><td class="num">${millis(each.latestNanos / 1e6)}</td>
          <td class=${'num' + (each.failures ? ' bad' : ' zero')}>${num(each.failures)}</td><td class=${'num' + (each.overruns ? ' warn' : ' zero')}>${num(each.overruns)}</td></tr>`)}</tbody></table>
    </${Card}>`}</${Loaded}>`;
}

function About() {
  const from = useFetch('/info');
  return html`<${Loaded} from=${from}>${(info) => html`<${Card} title=${t('about')}><dl class="facts">
    <dt>Penstock</dt><dd>${info.version}</dd><dt>Java</dt><dd>${info.java}</dd><dt>${t('about.started')}</dt><dd>${clock(info.startedAt)} (${span(info.uptimeMillis / 1000)})</dd>
    <dt>Redis</dt><dd class="mono">${info.redis}</dd><dt>${t('about.handlers')}</dt><dd class="mono">${info.handlers.join(', ') || '–'}</dd>
    <dt>${t('about.queues')}</dt><dd>${info.queues.join(', ') || '–'}</dd><dt>API</dt><dd><a href="/openapi.json" target="_blank" rel="noreferrer">/openapi.json</a></dd>
  </dl></${Card}>`}</${Loaded}>`;
}

const VIEWS = { health: Health, settings: Settings, tokens: Tokens, audit: Audit, monitoring: Monitoring, about: About };

/** The house itself: how it does, what is set, what it costs. */
export default function AdminPage() {
  const tab = tabs().includes(place.value.query.tab) ? place.value.query.tab : 'health';
  const View = VIEWS[tab];
  return html`
    <div class="title"><h1>${t('page.admin')}</h1></div>
    <div class="tabs" role="tablist">${tabs().map((each) => html`<button key=${each} role="tab" aria-selected=${String(each === tab)} onClick=${() => setQuery({ tab: each === 'health' ? null : each })}>${t('admin.' + each)}</button>`)}</div>
    <${View} />`;
}
