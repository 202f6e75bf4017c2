import { html } from '../lib/html.js';
import { t, knows } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { bytes, millis, num, percent, span } from '../lib/format.js';
import { Card, Empty, Failed, Pill, Segments, Stat } from '../parts/bits.js';
import { Chart } from '../parts/chart.js';
import { Hull, Ladder } from '../parts/loadline.js';
import { Breakdown } from '../parts/rss.js';
import { Optimisations } from '../parts/optimisations.js';
import { Policy } from '../parts/policy.js';

const SPANS = { '15m': '15 min', '1h': '1 h', '6h': '6 h', '24h': '24 h' };

function History({ heapMax }) {
  const { span: wanted = '1h' } = place.value.query;
  const from = useFetch(`/memory/history?from=${wanted}&points=160`, 15000);
  const points = (from.data && from.data.points) || [];
  const column = (name) => points.map((point) => (point[name] === undefined ? null : point[name]));
  const data = [points.map((point) => Date.parse(point.timestamp) / 1000), column('rssBytes'), column('heapUsedBytes'), column('liveSetBytes'), column('liveFloorBytes')];
  return html`<${Card} title=${t('memory.history')} note=${t('memory.history.note')}
    right=${html`<${Segments} label=${t('span')} value=${wanted} options=${Object.entries(SPANS)} onChange=${(next) => setQuery({ span: next === '1h' ? null : next })} />`}>
    ${points.length > 1
      ? html`<${Chart} data=${data} format=${(value) => (value === null || value === undefined ? '' : bytes(value))} height=${250} binary summary=${t('memory.history')}
          series=${[
            { label: 'RSS', colour: 'mem-other' },
            { label: t('hull.used'), colour: 'mem-direct', fill: true },
            { label: t('hull.live'), colour: 'mem-live', fill: true },
            { label: t('memory.floor'), colour: 'mem-meta', dash: [4, 4] },
          ]} />`
      : html`<${Empty} title=${t('chart.soon')} text=${t('chart.soon.text')} />`}
  </${Card}>`;
}

function Trend({ trend }) {
  if (!trend.known) {
    return html`<${Card} title=${t('memory.trend')}>
      <${Empty} title=${t('trend.unknown')} text=${t('trend.unknown.text', { floors: num(trend.floors), needed: num(trend.floorsNeeded) })} />
    </${Card}>`;
  }
  const full = trend.timeToFullSeconds;
  const perHour = (value) => (value === null ? '–' : bytes(Math.abs(value) * 3600) + '/h');
  return html`<${Card} title=${t('memory.trend')} right=${html`<${Pill} of=${trend.growing ? t('trend.growing') : t('trend.steady')} tone=${trend.growing ? 'warn' : 'good'} />`}
    foot=${t('trend.window', { floors: num(trend.floors), span: span(trend.windowSeconds) })}>
    <p class="big">${full === null ? t('trend.never') : t('trend.full', { span: span(full) })}</p>
    ${full !== null && html`<p class="note">${t('trend.between', { low: span(trend.timeToFullLowSeconds), high: trend.timeToFullHighSeconds === null ? '∞' : span(trend.timeToFullHighSeconds) })}</p>`}
    <dl class="facts above">
      <dt>${t('trend.slope')}</dt><dd>${trend.slopeBytesPerSecond < 0 ? '−' : '+'}${perHour(trend.slopeBytesPerSecond)}</dd>
      <dt>${t('trend.confidence')}</dt><dd>${perHour(trend.slopeLowBytesPerSecond)} … ${perHour(trend.slopeHighBytesPerSecond)}</dd>
      <dt>${t('memory.floor')}</dt><dd>${bytes(trend.floorBytes)}</dd>
    </dl>
  </${Card}>`;
}

const VERDICTS = { NONE: 'good', WATCHING: 'info', GROWING: 'warn', SUSPECTED: 'warn', LIKELY: 'bad', LEAKING: 'bad', CONFIRMED: 'bad' };

function Leaks({ leak }) {
  const open = leak.open.filter((each) => each.open > 0 || each.growing || each.lostHandles > 0);
  return html`<${Card} title=${t('leak')} right=${html`<${Pill} of=${leak.verdict} tone=${VERDICTS[leak.verdict] || 'warn'} />`}>
    <ul class="evidence">${leak.evidence.map((each) => html`<li key=${each}>${each}</li>`)}</ul>
    ${leak.jobs.length > 0 && html`<div class="scroll" tabindex="0"><table class="tight"><thead><tr><th>${t('leak.types')}</th><th class="num">${t('leak.watched')}</th><th class="num">${t('leak.retained')}</th></tr></thead>
      <tbody>${leak.jobs.map((each) => html`<tr key=${each.type}><td class="mono">${each.type}</td><td class="num">${num(each.watched)}</td><td class=${'num' + (each.retained ? ' bad' : '')}>${num(each.retained)}</td></tr>`)}</tbody></table></div>`}
    ${open.length > 0 && html`<div class="scroll" tabindex="0"><table class="tight"><thead><tr><th>${t('leak.open')}</th><th class="num">${t('leak.now')}</th><th class="num">${t('leak.opened')}</th><th class="num">${t('leak.lost')}</th></tr></thead>
      <tbody>${open.map((each) => html`<tr key=${each.kind}><td class="mono">${each.kind} ${each.growing && html`<${Pill} of=${t('trend.growing')} tone="warn" />`}</td><td class="num">${num(each.open)}</td><td class="num">${num(each.opened)}</td><td class="num">${num(each.lostHandles)}</td></tr>`)}</tbody></table></div>`}
    ${leak.classes.length > 0 && html`<div class="scroll" tabindex="0"><table class="tight"><thead><tr><th>${t('leak.classes')}</th><th class="num">${t('leak.instances')}</th><th class="num">${t('bytes')}</th></tr></thead>
      <tbody>${leak.classes.map((each) => html`<tr key=${each.className}><td class="mono">${each.className}</td><td class="num">+${num(each.instances)}</td><td class="num">+${bytes(each.bytes)}</td></tr>`)}</tbody></table></div>`}
  </${Card}>`;
}

function Collector({ sample }) {
  return html`<${Card} title=${t('gc')} note=${percent(sample.gcPauseShare, 2) + ' ' + t('gc.share')}>
    <table class="tight"><thead><tr><th>${t('gc.name')}</th><th class="num">${t('gc.runs')}</th><th class="num">${t('gc.time')}</th></tr></thead>
      <tbody>${sample.collectors.map((each) => html`<tr key=${each.name}><td>${each.name}</td><td class="num">${num(each.count)}</td><td class="num">${millis(each.millis)}</td></tr>`)}</tbody></table>
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
  const [live] = useLive('memory');
  const first = useFetch('/memory');
  const now = live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const { sample, admission, trend, leak, optimization, health, recommendations, monitor } = now;
  const cause = knows('pressure.' + sample.pressure.cause) ? t('pressure.' + sample.pressure.cause) : sample.pressure.cause;
  return html`
    <div class="title"><h1>${t('page.memory')}</h1><${Pill} of=${now.level} /><span class="note">${t('level.cause', { cause, share: percent(sample.pressure.worst, 0) })}</span></div>
    ${health.issues.map((each) => html`<div class="banner warn" role="alert" key=${each}><p>${each}</p></div>`)}
    <div class="grid">
      <div class="c5 stack">
        <${Card} title=${t('overview.line')} note=${t('line.mode.' + admission.mode)}
          foot=${t('line.counts', { admitted: num(admission.admitted), waited: num(admission.waited), refused: num(admission.refused) })}>
          <${Hull} line=${admission} used=${sample.heapUsedBytes} live=${sample.liveSetBytes} />
          <${Ladder} level=${now.level} />
          <${Pressure} pressure=${sample.pressure} />
        </${Card}>
      </div>
      <div class="c7 stack">
        <${Breakdown} sample=${sample} />
        <${Trend} trend=${trend} />
      </div>
      <div class="c12"><${History} heapMax=${sample.heapMaxBytes} /></div>
      <div class="c12"><${Optimisations} stats=${optimization} /></div>
      <div class="c6 stack"><${Leaks} leak=${leak} /></div>
      <div class="c6 stack"><${Collector} sample=${sample} />
        ${recommendations.length > 0 && html`<${Card} title=${t('advice')}><ul class="evidence">${recommendations.map((each) => html`<li key=${each}>${each}</li>`)}</ul></${Card}>`}</div>
      <div class="c6 stack"><${Types} types=${admission.types} /></div>
      <div class="c6 stack"><${Policy} />
        <p class="note">${t('monitor.cost', { bytes: bytes(monitor.retainedBytes), micros: num(monitor.sampleMicros), samples: num(monitor.samples) })}</p></div>
    </div>`;
}
