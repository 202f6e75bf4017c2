import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { num } from '../lib/format.js';
import { Card, Empty, Failed, Meter, Pill, When } from '../parts/bits.js';

const MOST = 300;

function Row({ worker }) {
  const report = worker.report || {};
  const late = worker.leaseUntil && Date.parse(worker.leaseUntil) < Date.now();
  return html`<tr>
    <td class="mono">${worker.name || worker.id}</td>
    <td><a href=${'/queues/' + encodeURIComponent(worker.queue)}>${worker.queue}</a></td>
    <td><${Pill} of=${late ? 'late' : worker.quiet ? 'quiet' : 'running'} tone=${late ? 'bad' : worker.quiet ? 'warn' : 'good'} /></td>
    <td class="num">${num(report.running)} / ${num(report.concurrency)}</td>
    <td><${Meter} share=${report.concurrency ? report.running / report.concurrency : 0} warn=${2} bad=${2} label=${t('workers.busy')} /></td>
    <td class="num">${num(report.ready)}</td>
    <td class=${'num' + (report.abandoned ? ' bad' : ' zero')}>${num(report.abandoned)}</td>
    <td><${When} at=${worker.seenAt} /></td>
    <td class="faint">${report.pid ? 'pid ' + report.pid : ''}</td>
  </tr>
  ${(report.jobs || []).length > 0 && html`<tr class="sub"><td colspan="9" class="wrap">
    ${report.jobs.slice(0, 12).map((job) => {
      const id = typeof job === 'string' ? job : job.id;
      return html`<a class="mono chip" href=${'/jobs/' + encodeURIComponent(id)}>${id}</a> `;
    })}</td></tr>`}`;
}

/** Who takes jobs, what they run, when they were last heard of. */
export default function WorkersPage() {
  const [live] = useLive('workers');
  const first = useFetch('/workers?limit=500');
  const { find = '' } = place.value.query;
  const now = live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const found = now.items.filter((each) => !find || (each.name || '').includes(find) || each.queue.includes(find));
  return html`
    <div class="title"><h1>${t('page.workers')}</h1><span class="note">${num(now.items.length)}${now.next ? '+' : ''}</span>
      <div class="right"><input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value })} /></div></div>
    <${Card} flush foot=${found.length > MOST ? t('more.hidden', { n: num(found.length - MOST) }) : t('workers.note')}>
      ${found.length
        ? html`<table><thead><tr><th>${t('worker')}</th><th>${t('queue')}</th><th>${t('status')}</th><th class="num">${t('workers.running')}</th><th>${t('workers.busy')}</th>
            <th class="num">${t('workers.ready')}</th><th class="num">${t('workers.abandoned')}</th><th>${t('workers.seen')}</th><th>${t('process')}</th></tr></thead>
            <tbody>${found.slice(0, MOST).map((each) => html`<${Row} key=${each.id} worker=${each} />`)}</tbody></table>`
        : html`<${Empty} title=${t('workers.none')} text=${t('workers.none.text')} code="penstock up --queues mail,images" />`}
    </${Card}>`;
}
