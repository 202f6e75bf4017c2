import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { part, query } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { num, millis } from '../lib/format.js';
import { Card, Empty, Failed, When } from '../parts/bits.js';
import { Parted, State } from '../parts/shapes.js';

const STATES = ['running', 'open', 'completed', 'failed', 'cancelled'];
const RUNNING = ['running', 'compensating'];
const OPEN = ['open', 'sealing', 'sealed'];
const like = (state) => (RUNNING.includes(state) ? 'running' : OPEN.includes(state) ? 'open' : state);
const took = (flow) => Date.parse(flow.endedAt || new Date().toISOString()) - Date.parse(flow.createdAt);

function Row({ of }) {
  const ended = of.jobs - of.left;
  return html`<tr data-flow=${of.id}>
    <td data-label=${t('flow')}><a href=${'/flows/' + part(of.id)}><strong>${of.name}</strong></a><span class="under mono">${of.id}</span></td>
    <td data-label=${t('state')}><${State} of=${of.state} /></td>
    <td data-label=${t('flow.kind')}>${t('flow.' + of.kind)}</td>
    <td class="grow" data-label=${t('progress')}><${Parted} of=${of} all=${of.jobs} label=${t('flow.ended', { ended: num(ended), all: num(of.jobs) })} />
      <span class="under">${t('flow.ended', { ended: num(ended), all: num(of.jobs) })}${of.failed > 0 && html` · <span class="bad">${t('flow.failed', { n: num(of.failed) })}</span>`}</span></td>
    <td data-label=${t('flow.began')}><${When} at=${of.createdAt} /></td>
    <td class="num" data-label=${t('opt.took')}>${millis(took(of))}</td>
  </tr>`;
}

/** Flows and batches, the newest first. */
export default function FlowsPage() {
  const { find = '', state = '', cursor } = place.value.query;
  const [live] = useLive('flows');
  const first = useFetch('/flows' + query({ cursor, limit: 50 }), cursor ? 10000 : 0);
  const now = cursor ? first.data : live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const text = find.toLowerCase();
  const found = now.items.filter((each) => (!state || like(each.state) === state) && (!text || (each.name + each.id).toLowerCase().includes(text)));
  return html`
    <div class="title"><h1>${t('page.flows')}</h1><span class="note">${num(now.items.length)}${now.next ? '+' : ''}</span>
      <div class="right filters">
        <input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value })} />
        <select aria-label=${t('state')} value=${state} onChange=${(event) => setQuery({ state: event.target.value })}>
          <option value="">${t('status.any')}</option>
          ${STATES.map((each) => html`<option value=${each} selected=${each === state}>${t('word.' + each)}</option>`)}
        </select>
      </div>
    </div>
    <${Card} flush foot=${now.items.length > 0 && t('flows.note')}>
      ${found.length
        ? html`<table class="stacks"><thead><tr><th>${t('flow')}</th><th>${t('state')}</th><th>${t('flow.kind')}</th><th>${t('progress')}</th><th>${t('flow.began')}</th><th class="num">${t('opt.took')}</th></tr></thead>
            <tbody>${found.map((each) => html`<${Row} key=${each.id} of=${each} />`)}</tbody></table>`
        : now.items.length
          ? html`<${Empty} title=${t('filter.nothing')} text=${t('filter.nothing.text')} />`
          : html`<${Empty} title=${t('flows.none')} text=${t('flows.none.text')} code="penstock flow submit flow.json" />`}
    </${Card}>
    ${(cursor || now.next) && html`<div class="title">
      ${cursor && html`<button class="button" onClick=${() => history.back()}>${t('page.back')}</button>`}
      ${now.next && html`<button class="button" onClick=${() => setQuery({ cursor: now.next }, false)}>${t('page.next')}</button>`}</div>`}`;
}
