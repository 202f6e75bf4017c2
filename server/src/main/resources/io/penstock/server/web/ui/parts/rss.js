import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { bytes, num, percent } from '../lib/format.js';
import { Card } from './bits.js';

/** Bytes of a thread's stack that are really there: most never go deeper than a few frames. */
const STACK = 100 << 10;

/**
 * What the resident set is made of, as far as the JVM tells: live, garbage and free heap, classes, code, buffers. The rest
 * (stacks, the collector's own tables, native libraries, malloc) is what nobody accounts for, and is shown as that.
 */
function parts(sample) {
  const live = Math.min(sample.liveSetBytes || 0, sample.heapUsedBytes);
  const known = [
    ['live', live, 'mem-live'],
    ['garbage', sample.heapUsedBytes - live, 'mem-free'],
    ['meta', sample.metaspaceBytes, 'mem-meta'],
    ['code', sample.codeCacheBytes, 'mem-code'],
    ['direct', sample.directBytes, 'mem-direct'],
    ['stacks', (sample.threads || 0) * STACK, 'mem-stack'],
  ];
  const rest = Math.max(0, (sample.rssBytes || 0) - known.reduce((all, [, value]) => all + (value || 0), 0));
  // what was committed was mostly touched once, so it is resident, but nobody tells how much of it
  const slack = Math.min(rest, Math.max(0, sample.heapCommittedBytes - sample.heapUsedBytes));
  return [...known, ['slack', slack, 'mem-slack'], ['other', rest - slack, 'mem-other']];
}

export function Breakdown({ sample }) {
  const all = parts(sample);
  const total = all.reduce((sum, [, value]) => sum + (value || 0), 0) || 1;
  const limit = sample.cgroup && sample.cgroup.limitBytes;
  let x = 0;
  return html`<${Card} title=${t('rss')} note=${bytes(sample.rssBytes) + (limit ? ' / ' + bytes(limit) : '')}
    foot=${t('rss.note', { committed: bytes(sample.heapCommittedBytes), max: bytes(sample.heapMaxBytes), threads: num(sample.threads) })}>
    <svg class="stack-bar" viewBox="0 0 1000 34" preserveAspectRatio="none" role="img" aria-label=${t('rss')}>
      ${all.map(([name, value, colour]) => {
        const width = (1000 * (value || 0)) / total;
        const at = x;
        x += width;
        return html`<rect key=${name} class=${colour} x=${at} y="0" width=${Math.max(0, width - 2)} height="34" />`;
      })}
    </svg>
    <ul class="legend">
      ${all.map(([name, value, colour]) => html`<li key=${name}><i class=${colour}></i><span>${t('rss.' + name)}</span><b>${bytes(value)}</b><em>${percent((value || 0) / total, 0)}</em></li>`)}
    </ul>
  </${Card}>`;
}
