import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { query } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { place, setQuery } from '../lib/router.js';
import { num } from '../lib/format.js';
import { Card, Empty, Field, Loaded, When } from './bits.js';

const FILTERS = ['caller', 'action', 'object'];
const SPANS = ['1h', '24h', '7d', '30d'];

const tone = (status) => (status >= 500 ? 'bad' : status >= 400 ? 'warn' : status ? '' : 'warn');

function Row({ line }) {
  const details = Object.entries(line.details || {});
  return html`<tr>
    <td><${When} at=${line.time} /></td>
    <td data-label=${t('audit.caller')}>${line.caller || html`<span class="faint">${t('audit.nobody')}</span>`} <span class="faint">${line.role} ${line.peer}</span></td>
    <td class="mono" data-label=${t('audit.action')}>${line.action}</td><td class="mono wrap" data-label=${t('audit.object')}>${line.object}</td>
    <td class=${'num ' + tone(line.status)} data-label=${t('audit.status')}>${line.status || t('audit.unanswered')}</td>
    <td class=${'num' + (line.requests > 1 ? '' : ' zero')} data-label=${t('audit.requests')}>${num(line.requests)}</td>
    <td class="wrap" data-label=${t('audit.details')}>${details.map(([name, value]) => html`<span key=${name} class="mono">${name}=${value} </span>`)}</td>
  </tr>`;
}

/** What was done through the server, and by whom; filters are in the address. */
export function Audit() {
  const asked = place.value.query;
  const since = SPANS.includes(asked.since) ? asked.since : '24h';
  const [draft, setDraft] = useState(Object.fromEntries(FILTERS.map((name) => [name, asked[name] || ''])));
  const [older, setOlder] = useState([]);
  const wanted = { from: since, limit: 100, ...Object.fromEntries(FILTERS.map((name) => [name, asked[name]])) };
  const key = query(wanted);
  const from = useFetch('/audit' + query({ ...wanted, cursor: older[older.length - 1] }), older.length ? 0 : 10000);
  useEffect(() => setOlder([]), [key]);
  const search = (event) => {
    event.preventDefault();
    setQuery(Object.fromEntries(FILTERS.map((name) => [name, draft[name].trim() || null])));
  };
  return html`<${Card} title=${t('admin.audit')} note=${t('audit.note')} flush>
    <form class="filters pad" onSubmit=${search}>
      <${Field} id="a-since" label=${t('audit.since')}><select id="a-since" value=${since} onChange=${(event) => setQuery({ since: event.target.value })}>${SPANS.map((each) => html`<option value=${each} selected=${each === since}>${each}</option>`)}</select></${Field}>
      ${FILTERS.map((name) => html`<${Field} key=${name} id=${'a-' + name} label=${t('audit.' + name)}><input id=${'a-' + name} value=${draft[name]} onInput=${(event) => setDraft({ ...draft, [name]: event.target.value })} /></${Field}>`)}
      <button class="button">${t('audit.filter')}</button>
    </form>
    <${Loaded} from=${from}>${({ items, next }) => html`
      ${items.length === 0 ? html`<${Empty} title=${t('audit.none')} text=${t('audit.none.text')} />` : html`<table class="stacks">
        <thead><tr><th>${t('audit.time')}</th><th>${t('audit.caller')}</th><th>${t('audit.action')}</th><th>${t('audit.object')}</th><th class="num">${t('audit.status')}</th><th class="num">${t('audit.requests')}</th><th>${t('audit.details')}</th></tr></thead>
        <tbody>${items.map((each) => html`<${Row} key=${each.id} line=${each} />`)}</tbody></table>`}
      <div class="pad">
        ${older.length > 0 && html`<button class="button" onClick=${() => setOlder(older.slice(0, -1))}>${t('audit.newer')}</button>`}
        ${next && html` <button class="button" onClick=${() => setOlder([...older, next])}>${t('audit.older')}</button>`}
      </div>`}</${Loaded}>
  </${Card}>`;
}
