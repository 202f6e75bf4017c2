import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { may, part, post, put, remove } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm } from '../lib/ui.js';
import { bytes, num, percent } from '../lib/format.js';
import { Card, Empty, Field, Loaded, Meter } from '../parts/bits.js';

const EMPTY = { key: '', kind: 'window', permits: 100, per: '1m', queue: '' };

function Form({ reload }) {
  const [draft, setDraft] = useState(EMPTY);
  const set = (name) => (event) => setDraft({ ...draft, [name]: name === 'permits' ? Number(event.target.value) : event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const { key, queue, ...rest } = draft;
    if (await attempt(() => put('/limits/' + part(key), queue ? { ...rest, queue } : rest), t('done.saved'))) {
      setDraft(EMPTY);
      reload();
    }
  };
  return html`<form class="filters" onSubmit=${save}>
    <${Field} id="l-key" label=${t('limit.key')}><input id="l-key" required value=${draft.key} onInput=${set('key')} /></${Field}>
    <${Field} id="l-kind" label=${t('limit.kind')}><select id="l-kind" value=${draft.kind} onChange=${set('kind')}>
      ${['window', 'bucket', 'concurrency'].map((each) => html`<option value=${each}>${t('limit.' + each)}</option>`)}</select></${Field}>
    <${Field} id="l-permits" label=${t('limit.permits')}><input id="l-permits" type="number" min="1" value=${draft.permits} onInput=${set('permits')} /></${Field}>
    <${Field} id="l-per" label=${t('limit.per')}><input id="l-per" size="8" value=${draft.per} onInput=${set('per')} /></${Field}>
    <${Field} id="l-queue" label=${t('limit.queue')}><input id="l-queue" value=${draft.queue} onInput=${set('queue')} /></${Field}>
    <button class="button primary">${t('limit.set')}</button>
  </form>`;
}

async function drop(key, reload) {
  const yes = await confirm({ title: t('limit.delete.title', { key }), text: t('limit.delete.text'), action: t('delete') });
  if (yes && (await attempt(() => remove('/limits/' + part(key)), t('done.deleted', { what: key })))) {
    reload();
  }
}

async function clear(name, reload) {
  const yes = await confirm({ title: t('cache.clear.title', { name }), text: t('cache.clear.text'), action: t('cache.clear') });
  if (yes && (await attempt(() => post('/caches/' + part(name) + ':clear'), t('done.cleared', { name })))) {
    reload();
  }
}

/** How much of what may be done, and what is kept at hand. */
export default function LimitsPage() {
  const limits = useFetch('/limits', 5000);
  const caches = useFetch('/caches', 5000);
  return html`
    <div class="title"><h1>${t('page.limits')}</h1></div>
    <${Card} title=${t('limits')} flush foot=${may('operate', true) && html`<${Form} reload=${limits.reload} />`}>
      <${Loaded} from=${limits}>${({ items }) => items.length
        ? html`<table class="stacks"><thead><tr><th>${t('limit.key')}</th><th>${t('limit.kind')}</th><th class="num">${t('limit.permits')}</th><th>${t('limit.per')}</th><th>${t('queue')}</th>
            <th class="num">${t('limit.allowed')}</th><th class="num">${t('limit.denied')}</th><th>${t('limit.subjects')}</th><th></th></tr></thead>
            <tbody>${items.map((each) => html`<tr key=${each.key}><td class="mono">${each.key}</td><td data-label=${t('limit.kind')}>${t('limit.' + each.kind)}</td><td class="num" data-label=${t('limit.permits')}>${num(each.permits)}</td><td data-label=${t('limit.per')}>${each.per}</td><td data-label=${t('queue')}>${each.queue || ''}</td>
              <td class="num" data-label=${t('limit.allowed')}>${num(each.allowed)}</td><td class=${'num' + (each.denied ? ' warn' : ' zero')} data-label=${t('limit.denied')}>${num(each.denied)}</td>
              <td class="cut" data-label=${t('limit.subjects')}>${each.subjects.map((one) => one.subject).join(', ')}</td>
              <td class="num">${may('operate', true) && each.origin === 'operator' && html`<button class="button plain" onClick=${() => drop(each.key, limits.reload)}>${t('delete')}</button>`}</td></tr>`)}</tbody></table>`
        : html`<${Empty} title=${t('limits.none')} text=${t('limits.none.text')} />`}</${Loaded}>
    </${Card}>
    <${Card} title=${t('caches')} flush>
      <${Loaded} from=${caches}>${({ items, near }) => html`
        <div class="pad"><p class="note">${t('caches.near', { bytes: bytes(near.bytes), max: bytes(near.maxBytes) })}</p><${Meter} share=${near.bytes / (near.maxBytes || 1)} label=${t('caches')} /></div>
        ${items.length
          ? html`<table><thead><tr><th>${t('cache')}</th><th class="num">${t('cache.hits')}</th><th class="num">${t('cache.entries')}</th><th class="num">${t('bytes')}</th><th class="num">${t('cache.loads')}</th><th class="num">${t('cache.evictions')}</th><th class="num">${t('cache.processes')}</th><th></th></tr></thead>
              <tbody>${items.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td class="num">${percent(each.hitShare)}</td><td class="num">${num(each.near.entries)}</td><td class="num">${bytes(each.near.bytes)}</td>
                <td class="num">${num(each.loads)}</td><td class="num">${num(each.evictions)}</td><td class="num">${num(each.processes)}</td>
                <td class="num">${may('operate', true) && html`<button class="button plain" onClick=${() => clear(each.name, caches.reload)}>${t('cache.clear')}</button>`}</td></tr>`)}</tbody></table>`
          : html`<${Empty} title=${t('caches.none')} text=${t('caches.none.text')} />`}`}</${Loaded}>
    </${Card}>`;
}
