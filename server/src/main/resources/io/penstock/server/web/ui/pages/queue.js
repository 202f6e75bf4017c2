import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { may, mayWrite, part } from '../lib/api.js';
import { usePast } from '../lib/series.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { bytes, millis, pasts, percent, rate, short } from '../lib/format.js';
import { Card, Empty, Failed, Field, Pill, Segments, Stat } from '../parts/bits.js';
import { Chart } from '../parts/chart.js';
import { act } from '../parts/actions.js';
import { JobTable } from '../parts/jobtable.js';
import { Groups } from '../parts/groups.js';
import { QueueSettings } from '../parts/queuesettings.js';

const STATES = ['waiting', 'delayed', 'active', 'blocked', 'failed', 'completed', 'cancelled'];
const PURGEABLE = ['waiting', 'delayed', 'completed', 'failed', 'cancelled'];
/** Each chart: its metrics after "queue.NAME.", their colours, and how a number of it reads. */
const CHARTS = [
  { name: 'flow', metrics: ['throughput.perSecond', 'failures.perSecond'], colours: ['mem-live', 'bad'], format: (v) => rate(v) },
  { name: 'depth', metrics: ['waiting', 'active', 'delayed'], colours: ['mem-live', 'good', 'mem-meta'], format: (v) => short(v) },
  { name: 'wait', metrics: ['wait.p50.millis', 'wait.p99.millis'], colours: ['mem-live', 'mem-direct'], format: (v) => millis(v) },
  { name: 'run', metrics: ['run.p50.millis', 'run.p99.millis'], colours: ['mem-live', 'mem-direct'], format: (v) => millis(v) },
];

function Past({ name, chart, span }) {
  const past = usePast(chart.metrics.map((metric) => `queue.${name}.${metric}`), span, 120);
  const data = past.fresh ? past.data : null;
  const some = data && data.slice(1).some((column) => column.some((value) => value !== null));
  const format = (value) => (value === null || value === undefined ? '' : chart.format(value));
  return html`<${Card} title=${t('queue.chart.' + chart.name)}>
    ${some && data[0].length > 1
      ? html`<${Chart} data=${data} format=${format} height=${170} summary=${t('queue.chart.' + chart.name)}
          series=${chart.metrics.map((metric, i) => ({ label: t('metric.' + metric), colour: chart.colours[i], fill: i === 0 }))} />`
      : html`<${Empty} title=${data ? t(data[0].length > 1 ? 'chart.nothing' : 'chart.soon') : t('loading')} text=${data ? t(data[0].length > 1 ? 'chart.nothing.text' : 'chart.soon.text') : ''} />`}
  </${Card}>`;
}

function Actions({ queue }) {
  if (!mayWrite()) {
    return null;
  }
  return html`<div class="right">
    ${queue.status === 'active'
      ? html`<button class="button" data-testid="pause" onClick=${() => act.pause(queue.name)}>${t('pause')}</button>
          <button class="button" onClick=${() => act.drain(queue.name)}>${t('drain')}</button>`
      : html`<button class="button primary" data-testid="resume" onClick=${() => act.resume(queue.name)}>${t('resume')}</button>`}
  </div>`;
}

/** What cannot be taken back, at the end of the page and with the name typed first. */
function Careful({ queue }) {
  const [state, setState] = useState('waiting');
  if (!mayWrite()) {
    return null;
  }
  return html`<${Card} title=${t('queue.careful')} note=${t('queue.careful.note')}>
    <div class="filters">
      <${Field} id="purge" label=${t('purge.which')}><select id="purge" value=${state} onChange=${(event) => setState(event.target.value)}>
        ${PURGEABLE.map((each) => html`<option value=${each}>${t('word.' + each)} (${short(queue.counts[each])})</option>`)}</select></${Field}>
      <button class="button danger" data-testid="purge" onClick=${() => act.purge(queue.name, state, queue.counts[state])}>${t('purge')}</button>
      ${may('administer') && html`<button class="button danger push" onClick=${() => act.deleteQueue(queue.name)}>${t('queue.delete')}</button>`}
    </div>
  </${Card}>`;
}

/** One queue: what it holds, how it went, what is set about it. */
export default function QueuePage() {
  const name = place.value.path[1];
  const { span = '1h', state: asked } = place.value.query;
  const [fullest, setFullest] = useState('');
  const state = asked || fullest;
  const [live] = useLive('queue:' + name);
  const first = useFetch('/queues/' + part(name));
  const jobs = useFetch(state && `/jobs?queue=${part(name)}&state=${part(state)}&limit=20`, 5000);
  const queue = live || first.data;
  useEffect(() => {
    if (queue && !fullest) {
      setFullest(STATES.find((each) => queue.counts[each]) || STATES[0]); // where there is something to see, and it stays there
    }
  }, [queue]);
  if (!queue) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const base = '/queues/' + encodeURIComponent(name);
  return html`
    <div class="title"><h1>${name}</h1><${Pill} of=${queue.status} /><${Actions} queue=${queue} /></div>
    <div class="stats twelve">
      ${STATES.map((each) => html`<${Stat} key=${each} label=${t('word.' + each)} value=${short(queue.counts[each])} id=${'count-' + each}
        tone=${each === 'failed' && queue.counts.failed ? 'bad' : ''} href=${base + '?state=' + each} />`)}
      <${Stat} label=${t('rate.done')} value=${rate(queue.throughputPerSecond)} />
      <${Stat} label=${t('oldest')} value=${queue.oldestWaitingMillis ? millis(queue.oldestWaitingMillis) : '–'} tone=${queue.oldestWaitingMillis > 60000 ? 'warn' : ''} />
      <${Stat} label=${t('mean.run')} value=${millis(queue.avgProcessingMillis)} />
      <${Stat} label=${t('attempts.failed')} value=${percent(queue.errorRate)} />
      <${Stat} label=${t('bytes')} value=${bytes(queue.bytes)} />
    </div>
    <div class="title"><h2>${t('queue.past')}</h2><div class="right">
      <${Segments} label=${t('span')} value=${span} options=${pasts()} onChange=${(next) => setQuery({ span: next === '1h' ? null : next })} /></div></div>
    <div class="grid">${CHARTS.map((chart) => html`<div class="c6" key=${chart.name}><${Past} name=${name} chart=${chart} span=${span} /></div>`)}</div>
    <${Card} title=${t('page.jobs')} flush right=${html`
        <select aria-label=${t('state')} value=${state} onChange=${(event) => setQuery({ state: event.target.value })}>
          ${STATES.map((each) => html`<option value=${each} selected=${each === state}>${t('word.' + each)}</option>`)}
        </select>
        <a href=${`/jobs?queue=${encodeURIComponent(name)}&state=${state}`}>${t('overview.all')}</a>`}>
      <${JobTable} from=${jobs} queue=${name} />
    </${Card}>
    <${Groups} name=${name} />
    <${QueueSettings} name=${name} />
    <${Careful} queue=${queue} />`;
}
