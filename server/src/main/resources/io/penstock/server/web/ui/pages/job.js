import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place } from '../lib/router.js';
import { mayWrite, part } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { tell } from '../lib/ui.js';
import { bytes, clock, millis, num } from '../lib/format.js';
import { Card, Empty, Loaded, Meter, Pill, When, pretty } from '../parts/bits.js';
import { act } from '../parts/actions.js';

/** A payload longer than this is shown in part: drawing megabytes freezes a browser. */
const MOST_CHARACTERS = 40000;

const OVER = ['completed', 'failed', 'cancelled'];

/** What happened, in order: made, each attempt, its end, and what is to come. */
function story(job, attempts) {
  const steps = [{ at: job.createdAt, text: t('story.made', { queue: job.queue }), tone: '' }];
  attempts.forEach((each) => {
    steps.push({ at: each.startedAt, text: t('story.began', { n: each.number, worker: each.worker || '?' }), tone: 'info' });
    if (each.error) {
      steps.push({ at: each.finishedAt, text: t('story.broke', { n: each.number, error: each.error.message }), tone: 'bad', took: took(each) });
    }
  });
  if (job.startedAt && !attempts.some((each) => each.startedAt === job.startedAt)) {
    steps.push({ at: job.startedAt, text: t('story.began', { n: job.attempt, worker: job.worker || '?' }), tone: 'info' });
  }
  if (OVER.includes(job.state)) {
    const tone = job.state === 'completed' ? 'good' : job.state === 'failed' ? 'bad' : '';
    steps.push({ at: job.finishedAt, text: t('story.' + job.state), tone, took: took(job) });
  } else if (job.state === 'delayed') {
    steps.push({ at: job.runAt, text: t('story.due'), tone: 'to-come' });
  } else if (job.state === 'waiting' || job.state === 'blocked') {
    steps.push({ at: null, text: t('story.' + job.state), tone: 'to-come' });
  }
  return steps;
}

const took = (each) => (each.startedAt && each.finishedAt ? Date.parse(each.finishedAt) - Date.parse(each.startedAt) : null);

function Timeline({ job, attempts }) {
  return html`<ol class="timeline">
    ${story(job, attempts).map(
      (step, i) => html`<li key=${i} class=${step.tone}>
        <div>${step.text} ${step.took !== undefined && step.took !== null && html`<span class="faint">${t('story.took', { span: millis(step.took) })}</span>`}</div>
        <div class="faint">${step.at && html`${clock(step.at)} · <${When} at=${step.at} />`}</div>
      </li>`,
    )}
  </ol>`;
}

function Text({ value, empty }) {
  if (value === null || value === undefined) {
    return html`<span class="faint">${empty}</span>`;
  }
  const text = pretty(value);
  const long = text.length > MOST_CHARACTERS;
  return html`<pre class="code" tabindex="0">${long ? text.slice(0, MOST_CHARACTERS) : text}</pre>
    ${long && html`<p class="note">${t('payload.cut', { n: num(MOST_CHARACTERS), all: num(text.length) })}</p>`}`;
}

/** What was done to a value before it was stored. */
function Sealed({ as }) {
  return as ? html`<p>${as.map((word) => {
    const [what, key] = word.split(':');
    return html` <span class="pill">${t('sealed.' + what, { key })}</span>`;
  })}</p>` : null;
}

function Payload({ job }) {
  const [draft, setDraft] = useState(null);
  const edit = () => setDraft(pretty(job.payload));
  const send = () => {
    try {
      act.clone(job.id, JSON.parse(draft));
      setDraft(null);
    } catch (malformed) {
      tell(t('payload.malformed', { reason: malformed.message }), { bad: true });
    }
  };
  const copy = () => navigator.clipboard.writeText(pretty(job.payload)).then(() => tell(t('done.copied')), () => tell(t('copy.failed'), { bad: true }));
  const right = draft === null
    ? html`<button class="button plain" onClick=${copy}>${t('copy')}</button>${mayWrite() && html`<button class="button" onClick=${edit}>${t('payload.edit')}</button>`}`
    : html`<button class="button" onClick=${() => setDraft(null)}>${t('cancel')}</button><button class="button primary" onClick=${send}>${t('payload.send')}</button>`;
  return html`<${Card} title=${t('payload')} right=${right}>
    <${Sealed} as=${job.payloadEncoding} />
    ${draft === null
      ? html`<${Text} value=${job.payload} empty=${t(job.payloadEncoding ? 'sealed.closed' : 'payload.none')} />`
      : html`<textarea aria-label=${t('payload')} spellcheck=${false} value=${draft} onInput=${(event) => setDraft(event.target.value)}></textarea>`}
  </${Card}>`;
}

function Attempts({ items }) {
  return html`<${Card} title=${t('attempts')} note=${t('attempts.note')}>
    ${items.length
      ? items.map(
          (each) => html`<details class="attempt" key=${each.number} open=${each === items[items.length - 1]}>
            <summary><b>#${each.number}</b> <${When} at=${each.startedAt} /> <span class="faint">${millis(took(each))}${each.worker && ' · ' + t('attempt.worker', { worker: each.worker })}</span>
              ${each.error && html` <span class="bad">${each.error.message}</span>`}</summary>
            ${each.error && html`<p class="mono soft">${each.error.type} <a href=${'/dead?print=' + encodeURIComponent(each.error.fingerprint)}>${each.error.fingerprint}</a></p>
              ${each.error.stack && html`<pre class="code stacktrace" tabindex="0">${each.error.stack}</pre>`}`}
          </details>`,
        )
      : html`<${Empty} title=${t('attempts.none')} text=${t('attempts.none.text')} />`}
  </${Card}>`;
}

function Progress({ of }) {
  if (of === null || of === undefined) {
    return null;
  }
  const share = typeof of === 'number' ? of / 100 : null;
  return html`<${Card} title=${t('progress')} note=${share === null ? '' : num(of) + ' %'}>
    ${share === null ? html`<${Text} value=${of} />` : html`<${Meter} share=${share} warn=${2} bad=${2} label=${t('progress')} />`}
  </${Card}>`;
}

function Actions({ job, reload }) {
  if (!mayWrite()) {
    return null;
  }
  const then = (work) => async () => (await work(job.id)) && reload();
  const over = OVER.includes(job.state);
  return html`<div class="right">
    ${(job.state === 'failed' || job.state === 'cancelled') && html`<button class="button primary" data-testid="retry" onClick=${then(act.retry)}>${t('bulk.retry')}</button>`}
    ${job.state === 'delayed' && html`<button class="button primary" onClick=${then(act.promote)}>${t('bulk.promote')}</button>`}
    <button class="button" onClick=${() => act.clone(job.id)}>${t('clone')}</button>
    ${!over && html`<button class="button danger" onClick=${then(act.cancel)}>${t('cancel.job')}</button>`}
    ${job.state !== 'active' && html`<button class="button danger" onClick=${then(act.deleteJob)}>${t('delete')}</button>`}
  </div>`;
}

/** One job: what became of it, what it carries, what can be done about it. */
export default function JobPage() {
  const id = place.value.path[1];
  const path = '/jobs/' + part(id);
  const from = useFetch(path, 2000);
  const over = from.data && OVER.includes(from.data.state);
  const attempts = useFetch(path + '/attempts', over ? 0 : 4000);
  const logs = useFetch(path + '/logs', over ? 0 : 2000);
  // only who comes from a flow, or waits for others, is known to be part of one: the rest is not asked
  const asked = useFetch(!place.value.query.flow && from.data && from.data.state === 'blocked' ? path + '/flow' : '');
  const flow = place.value.query.flow || (asked.data && asked.data.id);
  return html`<${Loaded} from=${from}>${(job) => {
    const tries = (attempts.data && attempts.data.items) || [];
    return html`
      <div class="title"><h1 class="mono">${job.id}</h1><${Pill} of=${job.state} />
        ${job.cancelRequested && !OVER.includes(job.state) && html`<span class="pill warn">${t('cancel.asked')}</span>`}
        <${Actions} job=${job} reload=${from.reload} /></div>
      ${job.state === 'failed' && job.error && html`<div class="banner" role="alert"><p><strong>${job.error.type}</strong>${job.error.message}</p></div>`}
      <div class="grid">
        <div class="c7 stack loose">
          <${Progress} of=${job.progress} />
          <${Payload} job=${job} />
          ${(job.result !== null || job.state === 'completed') && html`<${Card} title=${t('result')}><${Sealed} as=${job.resultEncoding} /><${Text} value=${job.result} empty=${t(job.resultEncoding ? 'sealed.closed' : 'result.none')} /></${Card}>`}
          <${Attempts} items=${tries} />
          <${Card} title=${t('logs')}>
            ${logs.data && logs.data.items.length
              ? html`<pre class="code" tabindex="0">${logs.data.items.map((line) => pretty(line)).join('\n')}</pre>`
              : html`<${Empty} title=${t('logs.none')} text=${t('logs.none.text')} />`}
          </${Card}>
        </div>
        <div class="c5 stack loose">
          <${Card} title=${t('timeline')}><${Timeline} job=${job} attempts=${tries} /></${Card}>
          <${Card} title=${t('facts')}>
            <dl class="facts">
              <dt>${t('type')}</dt><dd class="mono">${job.type}</dd>
              <dt>${t('queue')}</dt><dd><a href=${'/queues/' + encodeURIComponent(job.queue)}>${job.queue}</a></dd>
              ${flow && html`<dt>${t('flow')}</dt><dd><a class="mono" href=${'/flows/' + part(flow)}>${flow}</a></dd>`}
              <dt>${t('priority')}</dt><dd>${t('priority.' + job.priority)}</dd>
              ${job.group && html`<dt>${t('group')}</dt><dd>${job.group}</dd>`}
              <dt>${t('attempt')}</dt><dd>${num(job.attempt)}${job.maxAttempts ? ' / ' + num(job.maxAttempts) : ''}</dd>
              <dt>${t('deliveries.count')}</dt><dd>${num(job.deliveries)}</dd>
              ${job.timeout && html`<dt>${t('timeout')}</dt><dd>${job.timeout}</dd>`}
              ${job.memoryBytes > 0 && html`<dt>${t('memory.promised')}</dt><dd>${bytes(job.memoryBytes)}</dd>`}
              ${job.unique && html`<dt>${t('unique')}</dt><dd class="mono">${job.unique.key} (${job.unique.mode})</dd>`}
              ${job.worker && html`<dt>${t('worker')}</dt><dd class="mono">${job.worker}</dd>`}
              ${Object.entries(job.metadata).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
            </dl>
          </${Card}>
        </div>
      </div>`;
  }}</${Loaded}>`;
}
