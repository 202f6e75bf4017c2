import { html } from '../lib/html.js';
import { t, knows } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { bytes, millis, num, pasts, percent, span } from '../lib/format.js';
import { Card, Empty, Failed, Pill, Segments, Stat } from '../parts/bits.js';
import { Chart } from '../parts/chart.js';
import { Hull, Ladder } from '../parts/loadline.js';
import { Breakdown } from '../parts/rss.js';
import { Optimisations } from '../parts/optimisations.js';
import { Policy } from '../parts/policy.js';
import { Classes } from '../parts/classes.js';
import { Leaks } from '../parts/leaks.js';
import { Snapshots } from '../parts/snapshots.js';
import { Trend } from '../parts/trend.js';

function History({ from, wanted, marks }) {
  const points = (from.data && from.data.points) || [];
  const column = (name) => points.map((point) => (point[name] === undefined ? null : point[name]));
  const data = [points.map((point) => Date.parse(point.timestamp) / 1000), column('rssBytes'), column('heapUsedBytes'), column('liveSetBytes'), column('liveFloorBytes')];
  return html`<${Card} title=${t('memory.history')} note=${t('memory.history.note')} foot=${marks.length > 0 && t('memory.marks')}
    right=${html`<${Segments} label=${t('span')} value=${wanted} options=${pasts()} onChange=${(next) => setQuery({ span: next === '1h' ? null : next })} />`}>
    ${points.length > 1
      ? html`<${Chart} data=${data} marks=${marks} format=${(value) => (value === null || value === undefined ? '' : bytes(value))} height=${260} binary summary=${t('memory.history')}
          series=${[
            { label: 'RSS', colour: 'mem-other' },
            { label: t('hull.used'), colour: 'mem-direct', fill: true },
            { label: t('hull.live'), colour: 'mem-live', fill: true },
            { label: t('memory.floor'), colour: 'mem-meta', dash: [4, 4] },
          ]} />`
      : html`<${Empty} title=${t('chart.soon')} text=${t('chart.soon.text')} />`}
  </${Card}>`;
}

/** The whole page in six figures. */
function Summary({ now }) {
  const { sample, admission, trend, optimization } = now;
  const load = (admission.baseBytes || 0) + (admission.runningBytes || 0) + (admission.handBytes || 0);
  const room = Math.max(0, admission.lineBytes - load);
  const limit = sample.cgroup && sample.cgroup.limitBytes;
  const full = !trend.known ? t('memory.unknown') : trend.timeToFullSeconds === null ? t('memory.nofull') : span(trend.timeToFullSeconds);
  const interval = trend.known && trend.timeToFullSeconds !== null
    ? `${span(trend.timeToFullLowSeconds)} – ${trend.timeToFullHighSeconds === null ? '∞' : span(trend.timeToFullHighSeconds)}`
    : trend.known ? '' : `${num(trend.floors)} / ${num(trend.floorsNeeded)}`;
  return html`<div class="stats six">
    <${Stat} label=${t('memory.room')} value=${bytes(room)} small=${percent(room / (admission.lineBytes || 1), 0)} tone=${admission.waiting ? 'warn' : ''} />
    <${Stat} label=${t('hull.live')} value=${bytes(sample.liveSetBytes)} small=${percent((sample.liveSetBytes || 0) / sample.heapMaxBytes, 0)} />
    <${Stat} label=${t('rss')} value=${bytes(sample.rssBytes)} small=${limit ? percent(sample.rssBytes / limit, 0) : ''} />
    <${Stat} label=${t('memory.full')} value=${full} small=${interval} tone=${trend.known && trend.timeToFullSeconds !== null ? 'warn' : ''} />
    <${Stat} label=${t('memory.pauses')} value=${percent(sample.gcPauseShare, 2)} />
    <${Stat} label=${t('memory.gained')} value=${bytes(optimization.freedBytes + optimization.rssReturnedBytes)} small=${t('memory.gained.runs', { n: num(optimization.runs) })} />
  </div>`;
}

function Collector({ sample, past }) {
  const points = (past.data && past.data.points) || [];
  const data = [points.map((point) => Date.parse(point.timestamp) / 1000), points.map((point) => point.gcPauseShare ?? null)];
  return html`<${Card} title=${t('gc')} note=${percent(sample.gcPauseShare, 2) + ' ' + t('gc.share')}>
    ${points.length > 1 && html`<${Chart} data=${data} format=${(value) => (value === null || value === undefined ? '' : percent(value, 2))} height=${120} max=${0.01} summary=${t('gc.share.past')} series=${[{ label: t('gc.share.past'), colour: 'mem-meta', fill: true }]} />`}
    <table class="tight"><thead><tr><th>${t('gc.name')}</th><th class="num">${t('gc.runs')}</th><th class="num">${t('gc.time')}</th><th class="num">${t('gc.mean')}</th></tr></thead>
      <tbody>${sample.collectors.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td class="num">${num(each.count)}</td><td class="num">${millis(each.millis)}</td><td class="num">${each.count ? millis(each.millis / each.count) : '–'}</td></tr>`)}</tbody></table>
  </${Card}>`;
}

function Types({ types }) {
  return html`<${Card} title=${t('line.types')} note=${t('line.types.note')} flush>
    ${types.length
      ? html`<table><thead><tr><th>${t('type')}</th><th class="num">${t('line.runs')}</th><th class="num">${t('line.mean')}</th><th class="num">${t('line.last')}</th></tr></thead>
          <tbody>${types.slice(0, 12).map((each) => html`<tr key=${each.type}><td class="mono">${each.type}</td><td class="num">${num(each.runs)}</td><td class="num">${bytes(each.allocatedBytes)}</td><td class="num">${bytes(each.lastCostBytes)}</td></tr>`)}</tbody></table>`
      : html`<${Empty} title=${t('line.types.none')} text=${t('line.types.none.text')} />`}
  </${Card}>`;
}

const PRESSURES = ['heap', 'process', 'direct', 'collector', 'stall', 'redis'];

function Pressure({ pressure }) {
  return html`<ul class="pressures" aria-label=${t('pressure')}>
    ${PRESSURES.map((name) => html`<li key=${name}><span>${t('pressure.' + name)}</span>
      <span class="meter"><i class=${pressure[name] >= 0.9 ? 'bad' : pressure[name] >= 0.7 ? 'warn' : ''} style=${{ width: Math.min(100, (pressure[name] || 0) * 100) + '%' }}></i></span>
      <b>${percent(pressure[name], 0)}</b></li>`)}
  </ul>`;
}

/** Where the memory of the process is, where it is going, and what was done about it. */
export default function MemoryPage() {
  const { span: wanted = '1h' } = place.value.query;
  const [live] = useLive('memory');
  const first = useFetch('/memory');
  const past = useFetch(`/memory/history?from=${wanted}&points=160`, 15000);
  const done = useFetch('/memory/optimizations?limit=12', 10000);
  const now = live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const { sample, admission, trend, leak, optimization, health, recommendations, monitor } = now;
  const cause = knows('pressure.' + sample.pressure.cause) ? t('pressure.' + sample.pressure.cause) : sample.pressure.cause;
  const marks = ((done.data && done.data.items) || []).map((each) => Date.parse(each.startedAt) / 1000);
  return html`
    <div class="title"><h1>${t('page.memory')}</h1><${Pill} of=${now.level} /><span class="note">${t('level.cause', { cause, share: percent(sample.pressure.worst, 0) })} · ${t('level.' + now.level)}</span></div>
    ${health.issues.map((each) => html`<div class="banner warn" role="alert" key=${each}><p>${each}</p></div>`)}
    ${recommendations.length > 0 && html`<div class="banner info"><p><strong>${t('advice')}</strong>${recommendations.map((each) => html`<span key=${each}>${each} </span>`)}</p></div>`}
    <${Summary} now=${now} />
    <div class="grid">
      <div class="c5 stack">
        <${Card} className="even" title=${t('overview.line')} note=${t('line.mode.' + admission.mode)}
          foot=${t('line.counts', { admitted: num(admission.admitted), waited: num(admission.waited), refused: num(admission.refused) })}>
          <${Hull} line=${admission} used=${sample.heapUsedBytes} live=${sample.liveSetBytes} />
          <${Ladder} level=${now.level} />
          <${Pressure} pressure=${sample.pressure} />
        </${Card}>
      </div>
      <div class="c7 stack">
        <${Trend} trend=${trend} top=${sample.heapMaxBytes} />
        <${Breakdown} sample=${sample} />
      </div>
      <div class="c12"><${History} from=${past} wanted=${wanted} marks=${marks} /></div>
      <div class="c12"><${Optimisations} stats=${optimization} from=${done} /></div>
      <div class="c6 stack"><${Leaks} leak=${leak} /></div>
      <div class="c6 stack"><${Collector} sample=${sample} past=${past} /></div>
      <div class="c6 stack"><${Types} types=${admission.types} /></div>
      <div class="c6 stack"><${Classes} /></div>
      <div class="c12 stack"><${Snapshots} /></div>
      <div class="c12"><${Policy} /></div>
    </div>
    <p class="note">${t('monitor.cost', { bytes: bytes(monitor.retainedBytes), micros: num(monitor.sampleMicros), samples: num(monitor.samples) })}</p>`;
}
