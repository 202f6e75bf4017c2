import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { num, percent } from '../lib/format.js';
import { Card, Empty, Failed, Meter, Pager, Pill, Stat, When } from '../parts/bits.js';

/** Rows of one page: what a browser draws anew without being felt. */
const ROWS = 100;

const MOST_JOBS = 12;

const late = (worker) => Boolean(worker.leaseUntil && Date.parse(worker.leaseUntil) < Date.now());
const stateOf = (worker) => (late(worker) ? 'late' : worker.quiet ? 'quiet' : 'running');
const TONES = { late: 'bad', quiet: 'warn', running: 'good' };
const idOf = (job) => (typeof job === 'string' ? job : job.id);

function Row({ worker }) {
  const report = worker.report || {};
  const jobs = report.jobs || [];
  const state = stateOf(worker);
  return html`<tr class=${jobs.length ? 'above-sub' : ''}>
    <td class="mono">${worker.name || worker.id}</td>
    <td data-label=${t('queue')}><a href=${'/queues/' + encodeURIComponent(worker.queue)}>${worker.queue}</a></td>
    <td data-label=${t('status')}><${Pill} of=${state} tone=${TONES[state]} /></td>
    <td class="grow" data-label=${t('workers.busy')}><span class="measure"><${Meter} share=${report.concurrency ? report.running / report.concurrency : 0} warn=${2} bad=${2} label=${t('workers.busy')} /><b>${num(report.running)} / ${num(report.concurrency)}</b></span></td>
    <td class=${'num' + (report.ready ? '' : ' zero')} data-label=${t('workers.ready')}>${num(report.ready)}</td>
    <td class=${'num' + (report.abandoned ? ' bad' : ' zero')} data-label=${t('workers.abandoned')}>${num(report.abandoned)}</td>
    <td data-label=${t('workers.seen')}><${When} at=${worker.seenAt} /></td>
    <td class="faint" data-label=${t('process')}>${report.pid ? 'pid ' + report.pid : '–'}</td>
  </tr>
  ${jobs.length > 0 && html`<tr class="sub"><td colspan="8" class="wrap">
    ${jobs.slice(0, MOST_JOBS).map((job) => html`<a class="mono chip" href=${'/jobs/' + encodeURIComponent(idOf(job))} title=${job.type || ''}>${idOf(job)}</a> `)}
    ${jobs.length > MOST_JOBS && html`<span class="faint">${t('flow.more', { n: num(jobs.length - MOST_JOBS) })}</span>`}</td></tr>`}`;
}

function Summary({ items }) {
  const sum = (name) => items.reduce((all, each) => all + ((each.report && each.report[name]) || 0), 0);
  const [running, slots] = [sum('running'), sum('concurrency')];
  const count = (state) => items.filter((each) => stateOf(each) === state).length;
  return html`<div class="stats">
    <${Stat} label=${t('workers.processes')} value=${num(new Set(items.map((each) => each.name || each.id)).size)} />
    <${Stat} label=${t('workers.running')} value=${num(running)} small=${'/ ' + num(slots)} />
    <${Stat} label=${t('workers.busy')} value=${percent(slots ? running / slots : 0, 0)} />
    <${Stat} label=${t('workers.ready')} value=${num(sum('ready'))} />
    <${Stat} label=${t('word.quiet')} value=${num(count('quiet'))} tone=${count('quiet') ? 'warn' : ''} />
    <${Stat} label=${t('word.late')} value=${num(count('late'))} tone=${count('late') ? 'bad' : ''} />
  </div>`;
}

/** Who takes jobs, what they run, when they were last heard of. */
export default function WorkersPage() {
  const [live] = useLive('workers');
  const first = useFetch('/workers?limit=500');
  const { find = '', state = '', page = '1' } = place.value.query;
  const now = live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const found = now.items.filter((each) => (!find || (each.name || '').includes(find) || each.queue.includes(find)) && (!state || stateOf(each) === state));
  const at = Math.max(1, Math.min(Number(page) || 1, Math.ceil(found.length / ROWS)));
  return html`
    <div class="title"><h1>${t('page.workers')}</h1><span class="note">${num(now.items.length)}${now.next ? '+' : ''}</span>
      <div class="right"><input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value, page: null })} />
        <select aria-label=${t('status')} value=${state} onChange=${(event) => setQuery({ state: event.target.value, page: null })}>
          <option value="">${t('status.any')}</option>${Object.keys(TONES).map((each) => html`<option value=${each} selected=${each === state}>${t('word.' + each)}</option>`)}</select></div></div>
    ${now.items.length > 0 && html`<${Summary} items=${now.items} />`}
    <${Card} flush foot=${html`<${Pager} at=${at} rows=${ROWS} all=${found.length} />${t('workers.note')}`}>
      ${found.length
        ? html`<table class="stacks"><thead><tr><th>${t('worker')}</th><th>${t('queue')}</th><th>${t('status')}</th><th>${t('workers.busy')}</th>
            <th class="num">${t('workers.ready')}</th><th class="num">${t('workers.abandoned')}</th><th>${t('workers.seen')}</th><th>${t('process')}</th></tr></thead>
            <tbody>${found.slice((at - 1) * ROWS, at * ROWS).map((each) => html`<${Row} key=${each.id} worker=${each} />`)}</tbody></table>`
        : now.items.length
          ? html`<${Empty} title=${t('filter.nothing')} text=${t('filter.nothing.text')} />`
          : html`<${Empty} title=${t('workers.none')} text=${t('workers.none.text')} code="penstock up --queues mail,images" />`}
    </${Card}>`;
}
