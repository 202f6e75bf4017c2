import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { num } from '../lib/format.js';
import { Empty, Loaded, Pill, When } from './bits.js';

const moment = (job) => job.finishedAt || job.startedAt || job.runAt || job.createdAt;

/** Jobs in a table. With chosen, a Set of ids, rows can be picked; choose gets the next set. */
export function JobTable({ from, queue, chosen, choose }) {
  return html`<${Loaded} from=${from}>${({ items }) => {
    if (!items.length) {
      return html`<${Empty} title=${t('jobs.none')} text=${t('jobs.none.text')} />`;
    }
    const all = chosen && items.every((job) => chosen.has(job.id));
    const turn = (ids, on) => {
      const next = new Set(chosen);
      ids.forEach((id) => (on ? next.add(id) : next.delete(id)));
      choose(next);
    };
    return html`<table>
      <thead><tr>
        ${chosen && html`<th><input type="checkbox" aria-label=${t('choose.all')} checked=${all} onChange=${(event) => turn(items.map((job) => job.id), event.target.checked)} /></th>`}
        <th>${t('job')}</th><th class="less">${t('type')}</th>${!queue && html`<th class="less">${t('queue')}</th>`}<th>${t('state')}</th><th class="less">${t('priority')}</th>
        <th class="num less">${t('attempt')}</th><th>${t('when')}</th><th class="less">${t('what')}</th>
      </tr></thead>
      <tbody>
        ${items.map(
          (job) => html`<tr key=${job.id} data-job=${job.id}>
            ${chosen && html`<td><input type="checkbox" aria-label=${job.id} checked=${chosen.has(job.id)} onChange=${(event) => turn([job.id], event.target.checked)} /></td>`}
            <td class="mono"><a href=${'/jobs/' + encodeURIComponent(job.id)}>${job.id}</a><span class="under narrow-only">${job.type}</span></td>
            <td class="mono less">${job.type}</td>
            ${!queue && html`<td class="less"><a href=${'/queues/' + encodeURIComponent(job.queue)}>${job.queue}</a></td>`}
            <td><${Pill} of=${job.state} /></td>
            <td class=${job.priority === 'normal' ? 'less faint' : 'less'}>${t('priority.' + job.priority)}</td>
            <td class=${'num less' + (job.attempt > 1 ? '' : ' zero')}>${num(job.attempt)}</td>
            <td><${When} at=${moment(job)} /></td>
            <td class=${'cut mono less ' + (job.error ? 'bad' : 'faint')}>${job.error ? job.error.message : JSON.stringify(job.payload)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }}</${Loaded}>`;
}
