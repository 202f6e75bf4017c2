import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { ask, may, part, put, remove } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm } from '../lib/ui.js';
import { num } from '../lib/format.js';
import { Card, Field, Loaded, Pill } from './bits.js';

const NUMBERS = ['threshold', 'mostPerHour'];
const OWN = ['id', 'origin', 'status', 'hysteresis'];
const EMPTY = { id: '', metric: '', operator: '>', threshold: 0, for: '1m', severity: 'warning' };

/** A rule as it may be written: without what the server adds. */
const writable = (rule) => Object.fromEntries(Object.entries(rule).filter(([key, value]) => !OWN.includes(key) && value !== null));

function Editor({ rule, done }) {
  const [draft, setDraft] = useState(rule);
  const metrics = useFetch('/monitoring/series?limit=500');
  const set = (name) => (event) => setDraft({ ...draft, [name]: NUMBERS.includes(name) ? Number(event.target.value) : event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const { clear, ...rest } = writable(draft);
    const moved = draft.threshold !== rule.threshold || draft.operator !== rule.operator;
    const body = moved || clear === undefined ? rest : { ...rest, clear };
    if (await attempt(() => put('/alert-rules/' + part(draft.id), body), t('done.saved'))) {
      done();
    }
  };
  return html`<form class="filters" onSubmit=${save}>
    <${Field} id="r-id" label=${t('rule.id')}><input id="r-id" required value=${draft.id} readonly=${Boolean(rule.id)} onInput=${set('id')} /></${Field}>
    <${Field} id="r-metric" label=${t('rule.metric')}><input id="r-metric" required list="metrics" size="30" value=${draft.metric} onInput=${set('metric')} /></${Field}>
    <datalist id="metrics">${((metrics.data && metrics.data.items) || []).map((each) => html`<option value=${each.metric}></option>`)}</datalist>
    <${Field} id="r-op" label=${t('rule.operator')}><select id="r-op" value=${draft.operator} onChange=${set('operator')}>${['>', '>=', '<', '<=', '==', '!='].map((each) => html`<option selected=${each === draft.operator}>${each}</option>`)}</select></${Field}>
    <${Field} id="r-th" label=${t('rule.threshold')}><input id="r-th" type="number" step="any" value=${draft.threshold} onInput=${set('threshold')} /></${Field}>
    <${Field} id="r-for" label=${t('rule.for')}><input id="r-for" size="6" value=${draft.for} onInput=${set('for')} /></${Field}>
    <${Field} id="r-sev" label=${t('rule.severity')}><select id="r-sev" value=${draft.severity} onChange=${set('severity')}>${['info', 'warning', 'error', 'critical'].map((each) => html`<option value=${each} selected=${each === draft.severity}>${t('word.' + each)}</option>`)}</select></${Field}>
    <details class="wide"><summary>${t('rule.more')}</summary><div class="filters above">
      <${Field} id="r-measure" label=${t('rule.measure')}><select id="r-measure" value=${draft.measure || 'value'} onChange=${set('measure')}>${['value', 'rise'].map((each) => html`<option value=${each} selected=${each === draft.measure}>${t('rule.measure.' + each)}</option>`)}</select></${Field}>
      <${Field} id="r-cool" label=${t('rule.cooldown')}><input id="r-cool" size="6" value=${draft.cooldown || '10m'} onInput=${set('cooldown')} /></${Field}>
      <${Field} id="r-most" label=${t('rule.mostPerHour')}><input id="r-most" type="number" min="1" max="60" value=${draft.mostPerHour ?? 4} onInput=${set('mostPerHour')} /></${Field}>
      <${Field} id="r-absent" label=${t('rule.absent')}><select id="r-absent" value=${draft.absent || 'ignore'} onChange=${set('absent')}>${['ignore', 'fire', 'resolve'].map((each) => html`<option value=${each} selected=${each === draft.absent}>${t('rule.absent.' + each)}</option>`)}</select></${Field}>
      <${Field} id="r-channels" label=${t('alerts.channels')} hint=${t('rule.channels.hint')}><input id="r-channels" value=${(draft.channels || []).join(', ')} onInput=${(event) => setDraft({ ...draft, channels: event.target.value.split(',').map((each) => each.trim()).filter(Boolean) })} /></${Field}>
    </div></details>
    <button type="button" class="button" onClick=${done}>${t('cancel')}</button><button class="button primary">${t('save')}</button>
  </form>`;
}

async function drop(rule, reload) {
  const yes = await confirm({ title: t('rule.delete.title', { id: rule.id }), text: t('rule.delete.text'), action: t('delete') });
  if (yes && (await attempt(() => remove('/alert-rules/' + part(rule.id)), t('done.deleted', { what: rule.id })))) {
    reload();
  }
}

async function turn(rule, reload) {
  const { data, etag } = await ask('GET', '/alert-rules/' + part(rule.id));
  const flip = (enabled, tag) => put('/alert-rules/' + part(rule.id), { ...writable(data), enabled }, tag ? { 'If-Match': tag } : {}).then(reload);
  await attempt(() => flip(!rule.enabled, etag), t(rule.enabled ? 'done.off' : 'done.on', { what: rule.id }), () => attempt(() => flip(rule.enabled), t('done.undone')));
}

/** When an alert is raised. */
export function Rules() {
  const from = useFetch('/alert-rules?limit=500', 15000);
  const [editing, setEditing] = useState(null);
  const done = () => {
    setEditing(null);
    from.reload();
  };
  return html`<${Card} title=${t('alerts.rules')} note=${t('rules.note')} flush right=${may('administer', true) && html`<button class="button primary" onClick=${() => setEditing(EMPTY)}>${t('rule.new')}</button>`}>
    ${editing && html`<div class="pad"><${Editor} key=${editing.id} rule=${editing} done=${done} /></div>`}
    <${Loaded} from=${from}>${({ items }) => html`<table class="stacks">
      <thead><tr><th>${t('rule.id')}</th><th>${t('rule.when')}</th><th>${t('rule.for')}</th><th>${t('rule.severity')}</th><th>${t('rule.origin')}</th><th>${t('status')}</th><th></th></tr></thead>
      <tbody>${items.map((each) => html`<tr key=${each.id}>
        <td><strong>${each.id}</strong></td><td class="mono" data-label=${t('rule.when')}>${each.metric} ${each.measure === 'rise' ? t('rule.rise') + ' ' : ''}${each.operator} ${num(each.threshold, 3)}</td><td data-label=${t('rule.for')}>${each.for}</td>
        <td data-label=${t('rule.severity')}><${Pill} of=${each.severity} /></td><td class="faint" data-label=${t('rule.origin')}>${t('origin.' + each.origin)}</td><td data-label=${t('status')}><${Pill} of=${each.enabled ? 'on' : 'off'} tone=${each.enabled ? 'good' : ''} /></td>
        <td class="num">${may('administer', true) && html`<button class="button plain" onClick=${() => turn(each, from.reload)}>${t(each.enabled ? 'turn.off' : 'turn.on')}</button>
          <button class="button plain" onClick=${() => setEditing(each)}>${t('edit')}</button>
          ${each.origin !== 'standard' && html`<button class="button plain" onClick=${() => drop(each, from.reload)}>${t('delete')}</button>`}`}</td>
      </tr>`)}</tbody></table>`}</${Loaded}>
  </${Card}>`;
}
