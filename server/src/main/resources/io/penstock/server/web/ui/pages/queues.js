import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { useLive } from '../lib/live.js';
import { bytes, millis, num, percent, rate } from '../lib/format.js';
import { Card, Count, Empty, Pager, Pill } from '../parts/bits.js';
import { act } from '../parts/actions.js';
import { mayWrite } from '../lib/api.js';

/** Rows of one page: what a browser draws anew without being felt. */
const ROWS = 100;

const SORTS = {
  name: (queue) => queue.name,
  waiting: (queue) => -queue.counts.waiting,
  active: (queue) => -queue.counts.active,
  delayed: (queue) => -queue.counts.delayed,
  failed: (queue) => -queue.counts.failed,
  rate: (queue) => -queue.throughputPerSecond,
  oldest: (queue) => -queue.oldestWaitingMillis,
  bytes: (queue) => -queue.bytes,
};

function Head({ sort }) {
  const column = (key, text, left, less) => html`<th class=${(left ? '' : 'num') + (less ? ' less' : '')} aria-sort=${sort === key ? (left ? 'ascending' : 'descending') : undefined}>
    <button onClick=${() => setQuery({ sort: key === 'name' ? null : key, page: null })}>${text}${sort === key ? (left ? ' ↑' : ' ↓') : ''}</button></th>`;
  return html`<thead><tr>
    ${column('name', t('queue'), true)}<th class="less">${t('status')}</th>${column('waiting', t('word.waiting'))}${column('active', t('word.active'))}
    ${column('delayed', t('word.delayed'), false, true)}${column('failed', t('word.failed'))}${column('rate', t('rate'), false, true)}${column('oldest', t('oldest'), false, true)}
    <th class="num less">${t('attempts.failed')}</th>${column('bytes', t('bytes'), false, true)}<th><span class="sr">${t('actions')}</span></th>
  </tr></thead>`;
}

/** All queues, sorted and filtered in the browser, which hears of those that change. */
export default function QueuesPage() {
  const [queues] = useLive('queues');
  const { find = '', status = '', sort = 'name', page = '1' } = place.value.query;
  if (!queues) {
    return html`<div class="skeleton">${t('loading')}</div>`;
  }
  const by = SORTS[sort] || SORTS.name;
  const found = [...queues.values()]
    .filter((queue) => (!find || queue.name.includes(find)) && (!status || queue.status === status))
    .sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : a.name < b.name ? -1 : 1));
  const at = Math.max(1, Math.min(Number(page) || 1, Math.ceil(found.length / ROWS)));
  return html`
    <div class="title"><h1>${t('page.queues')}</h1><span class="note">${num(queues.size)}</span>
      <div class="right filters">
        <input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value, page: null })} />
        <select aria-label=${t('status')} value=${status} onChange=${(event) => setQuery({ status: event.target.value, page: null })}>
          <option value="">${t('status.any')}</option>
          ${['active', 'paused', 'draining'].map((each) => html`<option value=${each}>${t('word.' + each)}</option>`)}
        </select>
      </div>
    </div>
    <${Card} flush foot=${found.length > ROWS && html`<${Pager} at=${at} rows=${ROWS} all=${found.length} />`}>
      ${found.length
        ? html`<table>
            <${Head} sort=${sort} />
            <tbody>
              ${found.slice((at - 1) * ROWS, at * ROWS).map(
                (queue) => html`<tr key=${queue.name} data-queue=${queue.name}>
                  <td><a href=${'/queues/' + encodeURIComponent(queue.name)}>${queue.name}</a>${queue.status !== 'active' && html`<span class="narrow-only"> <${Pill} of=${queue.status} /></span>`}</td>
                  <td class="less"><${Pill} of=${queue.status} /></td>
                  <${Count} of=${queue.counts.waiting} /><${Count} of=${queue.counts.active} /><${Count} of=${queue.counts.delayed} less />
                  <${Count} of=${queue.counts.failed} />
                  <td class="num less">${rate(queue.throughputPerSecond)}</td>
                  <td class=${'num less' + (queue.oldestWaitingMillis > 60000 ? ' warn' : '')}>${queue.oldestWaitingMillis ? millis(queue.oldestWaitingMillis) : '–'}</td>
                  <td class="num less">${percent(queue.errorRate)}</td>
                  <td class="num less">${bytes(queue.bytes)}</td>
                  <td class="num">${mayWrite() && html`<button class="button plain" onClick=${() => act.toggle(queue)}>
                    ${queue.status === 'active' ? t('pause') : t('resume')}<span class="sr"> ${queue.name}</span></button>`}</td>
                </tr>`,
              )}
            </tbody>
          </table>`
        : queues.size
          ? html`<${Empty} title=${t('filter.nothing')} text=${t('filter.nothing.text')} />`
          : html`<${Empty} title=${t('queues.none')} text=${t('queues.none.text')} code="penstock job enqueue demo.echo --queue demo" />`}
    </${Card}>`;
}
