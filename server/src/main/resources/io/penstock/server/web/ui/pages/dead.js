import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, query } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { tell } from '../lib/ui.js';
import { num } from '../lib/format.js';
import { Card, Empty, Loaded, When } from '../parts/bits.js';
import { Operation, begin } from '../parts/operation.js';

function Group({ group, queue, started, wide }) {
  const run = async (action) => {
    const body = { action, filter: { state: 'failed', error: group.fingerprint, ...(queue && { queue }) } };
    started(await begin(body, { asks: action === 'delete', text: t('dead.delete.text'), word: 'delete' }));
  };
  return html`<li class=${wide ? 'group wide' : 'group'} data-print=${group.fingerprint}>
    <div class="count"><b>${num(group.count)}</b><span>${t('dead.letters')}</span></div>
    <div class="what">
      <strong class="mono">${group.message || group.type}</strong>
      <span class="mono soft">${group.type} · <a href=${'/dead' + query({ print: group.fingerprint })}>${group.fingerprint}</a></span>
      <span class="faint">${Object.entries(group.queues).map(([name, n]) => html`<a href=${'/jobs' + query({ queue: name, state: 'failed' })}>${name} (${num(n)})</a> `)}
        · ${Object.keys(group.types).join(', ')}</span>
      <span class="faint">${t('dead.last')} <${When} at=${group.lastFailedAt} /> · ${t('dead.first')} <${When} at=${group.firstFailedAt} /></span>
      ${wide && html`<span>${t('dead.sample')} ${group.sample.map((id) => html`<a class="mono" href=${'/jobs/' + encodeURIComponent(id)}>${id}</a> `)}</span>`}
    </div>
    ${mayWrite() &&
    html`<div class="do"><button class="button primary" data-testid="retry-group" onClick=${() => run('retry')}>${t('dead.retry')}</button>
      <button class="button danger" data-testid="delete-group" onClick=${() => run('delete')}>${t('delete')}</button></div>`}
  </li>`;
}

/** Jobs that have failed for good, by what killed them. */
export default function DeadPage() {
  const { queue, print, op } = place.value.query;
  const from = useFetch('/dead/groups' + query({ queue, limit: 100 }), 10000);
  const ended = (done) => {
    tell(t('done.each', { good: num(done.done), all: num(done.matched) }), { bad: done.failed > 0 });
    from.reload();
  };
  return html`
    <div class="title"><h1>${t('page.dead')}</h1>
      ${(queue || print) && html`<button class="button plain" onClick=${() => setQuery({ queue: null, print: null })}>${t('filter.clear')}: ${queue || print}</button>`}</div>
    ${op && html`<${Operation} id=${op} ended=${ended} close=${() => setQuery({ op: null })} />`}
    <${Loaded} from=${from}>${({ items, scanned, complete }) => {
      const groups = print ? items.filter((each) => each.fingerprint === print) : items;
      return html`<${Card} flush foot=${complete ? t('dead.scanned', { n: num(scanned) }) : t('dead.partly', { n: num(scanned) })}>
        ${groups.length
          ? html`<ul class="groups">${groups.map((each) => html`<${Group} key=${each.fingerprint} group=${each} queue=${queue} started=${(id) => id && setQuery({ op: id })} wide=${Boolean(print)} />`)}</ul>`
          : html`<${Empty} title=${t('dead.none')} text=${t('dead.none.text')} />`}
      </${Card}>`;
    }}</${Loaded}>`;
}
