import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, part, post, query } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm } from '../lib/ui.js';
import { clock, millis, num } from '../lib/format.js';
import { Card, Empty, Loaded, Pager, Stat, When } from '../parts/bits.js';
import { Graph } from '../parts/graph.js';
import { Parted, Shape, State } from '../parts/shapes.js';

const OVER = ['completed', 'failed', 'cancelled'];
const LEGEND = ['blocked', 'active', 'completed', 'failed', 'cancelled'];
const ROWS = 50;

/** A flow that is not among the newest is asked for by itself. */
const ALONE = 5000;

const took = (flow) => Date.parse(flow.endedAt || new Date().toISOString()) - Date.parse(flow.createdAt);

function Nodes({ nodes, flow, act }) {
  const { state = '', find = '', page = '1' } = place.value.query;
  const found = nodes.filter((node) => (!state || node.state === state) && (!find || node.name.includes(find) || node.type.includes(find)));
  const at = Math.max(1, Math.min(Number(page) || 1, Math.ceil(found.length / ROWS)));
  const again = (node) => mayWrite() && !node.undoes && (node.state === 'failed' || node.state === 'cancelled');
  return html`<${Card} title=${t('flow.nodes')} flush
    right=${html`<input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value, page: null })} />
      <select aria-label=${t('state')} value=${state} onChange=${(event) => setQuery({ state: event.target.value, page: null })}>
        <option value="">${t('status.any')}</option>${LEGEND.map((each) => html`<option value=${each} selected=${each === state}>${t('word.' + each)}</option>`)}</select>`}
    foot=${found.length > ROWS && html`<${Pager} at=${at} rows=${ROWS} all=${found.length} />`}>
    ${found.length
      ? html`<table class="stacks"><thead><tr><th>${t('flow.node')}</th><th>${t('state')}</th><th>${t('type')}</th><th>${t('flow.needs')}</th><th>${t('flow.onfailure')}</th><th><span class="sr">${t('actions')}</span></th></tr></thead>
          <tbody>${found.slice((at - 1) * ROWS, at * ROWS).map((node) => html`<tr key=${node.id}>
            <td data-label=${t('flow.node')}><a href=${'/jobs/' + part(node.id) + query({ flow })}>${node.undoes ? t('flow.undo', { name: node.undoes }) : node.name}</a></td>
            <td data-label=${t('state')}><${State} of=${node.state} /></td><td class="mono" data-label=${t('type')}>${node.type}</td>
            <td class="wrap faint" data-label=${t('flow.needs')}>${node.needs.slice(0, 8).join(', ')}${node.needs.length > 8 ? ' …' : ''}</td><td data-label=${t('flow.onfailure')}>${node.undoes ? '' : node.onFailure}</td>
            <td class="num">${again(node) && html`<button class="button plain" onClick=${() => act('retry', node.name)}>${t('bulk.retry')}<span class="sr"> ${node.name}</span></button>`}</td></tr>`)}</tbody></table>`
      : html`<${Empty} title=${t('filter.nothing')} text=${t('filter.nothing.text')} />`}
  </${Card}>`;
}

function Legend({ nodes }) {
  return html`<ul class="shapes">${LEGEND.map((state) => html`<li key=${state}><${Shape} of=${state} said />${t('word.' + state)} <b>${num(nodes.filter((node) => node.state === state).length)}</b></li>`)}</ul>`;
}

function Actions({ of, act }) {
  if (!mayWrite()) {
    return null;
  }
  const over = OVER.includes(of.state);
  const batch = of.kind === 'batch';
  const stop = async () => {
    const yes = await confirm({ title: t('flow.cancel.title', { name: of.name }), text: t(batch ? 'batch.cancel.text' : 'flow.cancel.text', { n: num(of.left) }), action: t('flow.cancel') });
    return yes && act('cancel');
  };
  return html`<div class="right">
    ${!batch && of.failed + of.cancelled > 0 && html`<button class="button primary" data-testid="retry-flow" onClick=${() => act('retry')}>${t('flow.retry')}</button>`}
    ${of.state === 'open' && html`<button class="button primary" onClick=${() => act('seal')}>${t('batch.seal')}</button>`}
    ${!over && html`<button class="button danger" data-testid="cancel-flow" onClick=${stop}>${t('flow.cancel')}</button>`}
  </div>`;
}

function Head({ of, act }) {
  return html`<div class="title"><h1>${of.name}</h1><${State} of=${of.state} /><span class="note mono">${of.id}</span><${Actions} of=${of} act=${act} /></div>
    <div class="stats">
      <${Stat} label=${t('flow.jobs')} value=${num(of.jobs)} /><${Stat} label=${t('flow.left')} value=${num(of.left)} id="flow-left" />
      <${Stat} label=${t('word.completed')} value=${num(of.completed)} tone=${of.completed ? 'good' : ''} /><${Stat} label=${t('word.failed')} value=${num(of.failed)} tone=${of.failed ? 'bad' : ''} />
      <${Stat} label=${t('word.cancelled')} value=${num(of.cancelled)} id="flow-cancelled" /><${Stat} label=${t('opt.took')} value=${millis(took(of))} />
    </div>
    <${Parted} of=${of} all=${of.jobs} label=${t('flow.ended', { ended: num(of.jobs - of.left), all: num(of.jobs) })} />`;
}

/** The list's line of it, which everybody hears; when that changes the whole is read again. */
function useHeard(id, reload) {
  const [list] = useLive('flows');
  const line = list && list.items.find((each) => each.id === id);
  const key = line ? [line.state, line.left, line.completed, line.failed, line.cancelled].join() : '';
  useEffect(() => {
    if (key) {
      reload();
    }
  }, [key]);
  return Boolean(line);
}

const shape = (data, kind) => (kind === 'batch' ? { ...data, jobs: data.added, left: data.pending } : data);

/** One flow, drawn; or one batch. */
export default function FlowPage() {
  const id = place.value.path[1];
  const kind = /-b[0-9a-v]{12}$/.test(id) ? 'batch' : 'flow';
  const path = (kind === 'batch' ? '/batches/' : '/flows/') + part(id);
  const [alone, setAlone] = useState(true);
  const from = useFetch(path, alone ? ALONE : 0);
  const heard = useHeard(id, from.reload);
  useEffect(() => setAlone(!heard), [heard]);
  const act = (verb, node) => attempt(() => post(path + ':' + verb + (node ? '?job=' + part(node) : '')).then(from.reload), t('done.flow.' + verb));
  const showAll = () => document.getElementById('nodes').scrollIntoView({ behavior: 'smooth' });
  return html`<${Loaded} from=${from}>${(data) => {
    const of = shape(data, kind);
    return html`<${Head} of=${of} act=${act} />
      ${kind === 'flow'
        ? html`<${Card} title=${t('flow.graph')} right=${html`<${Legend} nodes=${of.nodes} />`} flush><${Graph} nodes=${of.nodes} flow=${of.id} showAll=${showAll} /></${Card}>
            <div id="nodes"><${Nodes} nodes=${of.nodes} flow=${of.id} act=${act} /></div>`
        : html`<${Card} title=${t('facts')}><dl class="facts"><dt>${t('flow.began')}</dt><dd>${clock(of.createdAt)} · <${When} at=${of.createdAt} /></dd>
            ${of.endedAt && html`<dt>${t('flow.over')}</dt><dd>${clock(of.endedAt)}</dd>`}<dt>${t('flow.kind')}</dt><dd>${t('batch.text.' + (OVER.includes(of.state) ? 'over' : of.state === 'open' ? 'open' : 'sealed'))}</dd></dl></${Card}>`}`;
  }}</${Loaded}>`;
}
