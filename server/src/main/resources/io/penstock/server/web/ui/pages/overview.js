import { html, useEffect, useState } from '../lib/html.js';
import { t, knows } from '../lib/i18n.js';
import { get } from '../lib/api.js';
import { usePast } from '../lib/series.js';
import { useLive } from '../lib/live.js';
import { bytes, millis, num, percent, rate, short } from '../lib/format.js';
import { Card, Count, Empty, Pill, Stat } from '../parts/bits.js';
import { Chart } from '../parts/chart.js';
import { Hull, Ladder } from '../parts/loadline.js';

const MOST_LINES = 6;

/** The metric of a queue's throughput, around its name. */
const [BEFORE, BEHIND] = ['queue.', '.throughput.perSecond'];

const COLOURS = ['mem-live', 'mem-direct', 'mem-meta', 'good', 'mem-code', 'info'];

function Throughput({ queues }) {
  const names = queues.slice(0, MOST_LINES).map((queue) => queue.name).sort();
  const { data, metrics } = usePast(names.map((name) => BEFORE + name + BEHIND), '30m', 100);
  const known = data && data[0].length > 1;
  return html`<${Card} title=${t('overview.throughput')} note=${t('overview.throughput.note')}>
    ${known
      ? html`<${Chart} data=${data} format=${(value) => (value === null || value === undefined ? '' : num(value, 1) + '/s')} height=${210}
          series=${metrics.map((metric, i) => ({ label: metric.slice(BEFORE.length, -BEHIND.length), colour: COLOURS[i % COLOURS.length], fill: metrics.length === 1 }))}
          summary=${t('overview.throughput')} />`
      : html`<${Empty} title=${t('chart.soon')} text=${t('chart.soon.text')} />`}
  </${Card}>`;
}

function say(problem) {
  const key = 'problem.' + problem.kind;
  const generic = problem.kind === 'memory' || problem.kind === 'alert' || problem.kind === 'redis';
  return knows(key) && !generic ? t(problem.count === 1 && knows(key + '.one') ? key + '.one' : key, { queue: problem.subject, n: num(problem.count) }) : problem.detail;
}

const LEADS = {
  redis: () => '/redis', memory: () => '/memory', alert: () => '/alerts',
  paused: (queue) => '/queues/' + encodeURIComponent(queue), stuck: (queue) => '/queues/' + encodeURIComponent(queue),
  dead: (queue) => '/dead?queue=' + encodeURIComponent(queue),
};

function Problems({ problems }) {
  return html`<${Card} title=${t('overview.problems')} note=${problems.length ? num(problems.length) : ''} flush foot=${problems.length > 0 && t('overview.rest')}>
    ${problems.length
      ? html`<ul class="problems" tabindex="0">
          ${problems.map(
            (each) => html`<li key=${each.kind + each.subject + each.detail}>
              <${Pill} of=${each.severity} /><a href=${LEADS[each.kind](each.subject)}>${say(each)}</a>
            </li>`,
          )}
        </ul>`
      : html`<${Empty} title=${t('overview.fine')} text=${t('overview.fine.text')} />`}
  </${Card}>`;
}

function Busiest({ queues }) {
  return html`<${Card} title=${t('overview.queues')} right=${html`<a href="/queues">${t('overview.all')}</a>`} flush>
    ${queues.length
      ? html`<table>
          <thead><tr><th>${t('queue')}</th><th class="num">${t('word.waiting')}</th><th class="num">${t('word.active')}</th>
            <th class="num less">${t('rate')}</th><th class="num less">${t('oldest')}</th><th class="num">${t('word.failed')}</th></tr></thead>
          <tbody>
            ${queues.map(
              (queue) => html`<tr key=${queue.name}>
                <td><a href=${'/queues/' + encodeURIComponent(queue.name)}>${queue.name}</a> ${queue.status !== 'active' && html`<${Pill} of=${queue.status} />`}</td>
                <${Count} of=${queue.counts.waiting} /><${Count} of=${queue.counts.active} />
                <td class="num less">${rate(queue.throughputPerSecond)}</td>
                <td class="num less">${queue.oldestWaitingMillis ? millis(queue.oldestWaitingMillis) : '–'}</td>
                <${Count} of=${queue.counts.failed} />
              </tr>`,
            )}
          </tbody>
        </table>`
      : html`<${Empty} title=${t('queues.none')} text=${t('queues.none.text')} code="penstock job enqueue demo.echo --queue demo" />`}
  </${Card}>`;
}

/** What is going on and what is wrong, at a glance. */
export default function OverviewPage() {
  const [live] = useLive('overview');
  const [first, setFirst] = useState(null);
  useEffect(() => {
    get('/overview').then(setFirst, () => {});
  }, []);
  const now = live || first;
  if (!now) {
    return html`<div class="skeleton">${t('loading')}</div>`;
  }
  const { counts, memory, redis } = now;
  const runs = now.completedTotal + now.retriedTotal;
  return html`
    <h1 class="sr">${t('page.overview')}</h1>
    <div class="stats">
      <${Stat} label=${t('word.waiting')} value=${short(counts.waiting)} href="/jobs?state=waiting" id="waiting" />
      <${Stat} label=${t('word.active')} value=${short(counts.active)} href="/jobs?state=active" id="active" />
      <${Stat} label=${t('word.delayed')} value=${short(counts.delayed)} href="/jobs?state=delayed" />
      <${Stat} label=${t('rate.done')} value=${rate(now.throughputPerSecond)} />
      <${Stat} label=${t('done.total')} value=${short(now.completedTotal)} id="completed" />
      <${Stat} label=${t('oldest')} value=${now.oldestWaitingMillis ? millis(now.oldestWaitingMillis) : '–'} tone=${now.oldestWaitingMillis > 60000 ? 'warn' : ''} />
      <${Stat} label=${t('attempts.failed')} value=${percent(runs ? now.retriedTotal / runs : 0)} />
      <${Stat} label=${t('dead')} value=${short(counts.failed)} tone=${counts.failed ? 'bad' : ''} href="/dead" />
    </div>
    <div class="grid">
      <div class="c5">
        <${Card} className="even" title=${t('overview.line')} right=${html`<${Pill} of=${memory.level} />`}
          foot=${t(memory.waiting ? 'line.holding' : 'line.open', { n: num(memory.waiting), running: num(memory.running) })}>
          <${Hull} line=${memory} used=${memory.heapUsedBytes} live=${memory.liveSetBytes} />
          <${Ladder} level=${memory.level} />
        </${Card}>
      </div>
      <div class="c7 stack"><${Problems} problems=${now.problems} />
        <div class="pair">
        <${Card} title="Redis" right=${html`<${Pill} of=${redis.status} />`}>
          <dl class="facts ends">
            <dt>${t('redis.p99')}</dt><dd>${millis(redis.p99Millis)}</dd>
            <dt>${t('redis.memory')}</dt><dd>${bytes(redis.usedBytes)}${redis.maxBytes ? ' / ' + bytes(redis.maxBytes) : ''}</dd>
            <dt>${t('redis.connections')}</dt><dd>${num(redis.connections)}</dd>
            <dt>${t('redis.dedicated')}</dt><dd class=${redis.pool.waiting ? 'warn' : ''}>${num(redis.pool.active)} / ${num(redis.pool.max)}${redis.pool.waiting ? ' · ' + t('redis.waiting', { n: num(redis.pool.waiting) }) : ''}</dd>
          </dl>
        </${Card}>
        <${Card} title=${t('overview.process')}>
          <dl class="facts ends">
            <dt>RSS</dt><dd>${bytes(memory.rssBytes)}</dd>
            <dt>${t('heap')}</dt><dd>${bytes(memory.heapUsedBytes)} / ${bytes(memory.heapMaxBytes)}</dd>
            <dt>${t('hull.live')}</dt><dd>${bytes(memory.liveSetBytes)}</dd>
            <dt>${t('line.refused.short')}</dt><dd>${num(memory.refused)}</dd>
          </dl>
        </${Card}>
        </div>
      </div>
      <div class="c12"><${Throughput} queues=${now.busiest} /></div>
      <div class="c12"><${Busiest} queues=${now.busiest} /></div>
    </div>`;
}
