import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { bytes, clock, millis, num, percent } from '../lib/format.js';
import { Card, Empty, Failed, Meter, Pill, Stat, When } from '../parts/bits.js';
import { Chart } from '../parts/chart.js';

function Latency({ recent }) {
  const data = [recent.map((each) => Date.parse(each.timestamp) / 1000), recent.map((each) => each.meanMillis), recent.map((each) => each.p99Millis)];
  return html`<${Card} title=${t('redis.latency')}>
    ${recent.length > 1
      ? html`<${Chart} data=${data} format=${(value) => (value === null || value === undefined ? '' : millis(value))} height=${270} summary=${t('redis.latency')}
          series=${[{ label: t('redis.mean'), colour: 'mem-live', fill: true }, { label: 'p99', colour: 'mem-direct' }]} />`
      : html`<${Empty} title=${t('chart.soon')} text=${t('chart.soon.text')} />`}
  </${Card}>`;
}

function Pool({ pool }) {
  return html`<${Card} title=${t('redis.pool')} note=${t('redis.pool.note')}>
    <${Meter} share=${pool.max ? pool.active / pool.max : 0} label=${t('redis.pool')} />
    <dl class="facts above">
      <dt>${t('pool.active')}</dt><dd>${num(pool.active)}</dd><dt>${t('pool.idle')}</dt><dd>${num(pool.idle)}</dd>
      <dt>${t('pool.total')}</dt><dd>${t('pool.total.text', { total: num(pool.total), min: num(pool.min), max: num(pool.max) })}</dd>
      <dt>${t('pool.waiting')}</dt><dd class=${pool.waiting ? 'warn' : ''}>${num(pool.waiting)}</dd>
      <dt>${t('pool.acquire')}</dt><dd>${millis(pool.avgAcquireMillis)}</dd><dt>${t('pool.response')}</dt><dd>${millis(pool.avgResponseMillis)}</dd>
      <dt>${t('pool.timeouts')}</dt><dd class=${pool.timeouts ? 'bad' : ''}>${num(pool.timeouts)}</dd>
    </dl>
  </${Card}>`;
}

/** How Redis does, and what this process asks of it. */
export default function RedisPage() {
  const [live, livePool] = useLive('redis', 'pool');
  const first = useFetch('/redis');
  const pool = useFetch('/redis/pool');
  const latency = useFetch('/redis/latency', 10000);
  const now = live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const poolNow = livePool || pool.data;
  return html`
    <div class="title"><h1>${t('page.redis')}</h1><${Pill} of=${now.status} /><span class="note mono">${now.address}</span></div>
    ${now.status !== 'UP' && html`<div class="banner" role="alert"><p><strong>${t('away.redis')}</strong>${now.reason}</p></div>`}
    <div class="stats">
      <${Stat} label="p50" value=${millis(now.latency.p50Millis)} /><${Stat} label="p99" value=${millis(now.latency.p99Millis)} /><${Stat} label=${t('redis.max')} value=${millis(now.latency.maxMillis)} />
      <${Stat} label=${t('redis.connections')} value=${num(now.connections)} small=${t('redis.ours')} /><${Stat} label=${t('redis.clients')} value=${num(now.clients)} />
      <${Stat} label=${t('redis.memory')} value=${bytes(now.memory.usedBytes)} small=${now.memory.maxBytes ? percent(now.memory.share) : t('redis.unbounded')} />
      <${Stat} label=${t('redis.evicted')} value=${num(now.memory.evictedKeys)} tone=${now.memory.evictedKeys ? 'bad' : ''} />
    </div>
    <div class="grid">
      <div class="c8 stack"><${Latency} recent=${(latency.data && latency.data.recent) || []} />
        <${Card} title=${t('redis.slow')} note=${t('redis.slow.note', { n: num(now.slowlog.sinceLast) })} flush>
          ${now.slowlog.slowest.length
            ? html`<table><thead><tr><th>${t('when')}</th><th>${t('redis.command')}</th><th class="num">${t('opt.took')}</th></tr></thead>
                <tbody>${now.slowlog.slowest.map((each) => html`<tr key=${each.id}><td><${When} at=${each.at} /></td><td class="mono">${each.command}</td><td class="num">${millis(each.micros / 1000)}</td></tr>`)}</tbody></table>`
            : html`<${Empty} title=${t('redis.slow.none')} />`}
        </${Card}></div>
      <div class="c4 stack">${poolNow && html`<${Pool} pool=${poolNow} />`}
        <${Card} title=${t('facts')}><dl class="facts">
          <dt>${t('redis.role')}</dt><dd>${now.replication.role}, ${t('redis.replicas', { n: num(now.replication.replicas) })}</dd>
          <dt>${t('redis.persistence')}</dt><dd>${now.persistence}</dd>
          <dt>${t('since')}</dt><dd>${clock(now.since)}</dd><dt>${t('redis.looked')}</dt><dd><${When} at=${now.lookedAt} /></dd>
        </dl></${Card}></div>
    </div>`;
}
