import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, part } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { HERE, clock, num, until, zoned } from '../lib/format.js';
import { Card, Empty, Loaded, When, pretty } from '../parts/bits.js';
import { Shape, State } from '../parts/shapes.js';
import { ScheduleForm } from '../parts/scheduleform.js';
import { schedule } from '../parts/scheduleacts.js';
import { rhythm, words } from './schedules.js';

/** How often it is read again: runs are seconds apart at the most often. */
const EVERY = 5000;

/** Runs that are shown ahead. */
const SHOWN = 6;

function Upcoming({ of }) {
  const other = of.zone !== HERE;
  return html`<${Card} title=${t('schedule.upcoming')} flush>
    ${of.upcoming.length
      ? html`<table><thead><tr><th>${t('schedule.in')}</th><th>${t('schedule.here', { zone: HERE })}</th>${other && html`<th>${of.zone}</th>`}</tr></thead>
          <tbody>${of.upcoming.slice(0, SHOWN).map((run) => html`<tr key=${run}><td>${until(run)}</td><td>${zoned(run)}</td>${other && html`<td>${zoned(run, of.zone)}</td>`}</tr>`)}</tbody></table>`
      : html`<${Empty} title=${t(of.status === 'paused' ? 'schedule.paused' : of.status === 'ended' ? 'schedule.ended' : 'schedule.afterend')} text=${of.status === 'paused' ? t('schedule.paused.text') : ''} />`}
  </${Card}>`;
}

/** The last runs at a glance, the oldest first: a shape each, which leads to its job. */
function Strip({ items }) {
  const drawn = (each) => html`<${Shape} of=${each.jobState || each.outcome} />`;
  return html`<ol class="strip" aria-label=${t('schedule.runs')}>
    ${[...items].reverse().map((each) => html`<li key=${each.run + each.at} title=${zoned(each.run)}>${each.job ? html`<a href=${'/jobs/' + part(each.job)}>${drawn(each)}</a>` : drawn(each)}</li>`)}
  </ol>`;
}

function Runs({ from }) {
  return html`<${Card} title=${t('schedule.runs')} note=${t('schedule.runs.note')} flush>
    <${Loaded} from=${from}>${({ items }) => items.length
      ? html`<div class="pad"><${Strip} items=${items} /></div>
          <table class="stacks"><thead><tr><th>${t('schedule.for')}</th><th>${t('schedule.at')}</th><th>${t('schedule.outcome')}</th><th>${t('job')}</th></tr></thead>
          <tbody>${items.map((each) => html`<tr key=${each.run + each.at}>
            <td data-label=${t('schedule.for')}>${zoned(each.run)}</td><td data-label=${t('schedule.at')}><${When} at=${each.at} /></td>
            <td data-label=${t('schedule.outcome')}><${State} of=${each.jobState || each.outcome} />${each.count > 1 && html` <span class="faint">× ${num(each.count)}</span>`}${each.note && html`<span class="under wrapped">${each.note}</span>`}</td>
            <td class="mono" data-label=${t('job')}>${each.job ? html`<a href=${'/jobs/' + part(each.job)}>${each.job}</a>` : '–'}</td></tr>`)}</tbody></table>`
      : html`<${Empty} title=${t('schedule.runs.none')} text=${t('schedule.runs.none.text')} />`}</${Loaded}>
  </${Card}>`;
}

function Facts({ of }) {
  const row = (name, value) => html`<dt>${t('schedule.' + name)}</dt><dd>${value}</dd>`;
  return html`<${Card} title=${t('facts')}><dl class="facts">
    ${row('kind', html`<span class="mono">${rhythm(of)}</span>`)} ${row('zone', of.zone)}
    ${row('overlap', t('schedule.overlap.' + of.overlap))} ${row('misfire', t('schedule.misfire.' + of.misfire))}
    ${of.jitter && of.jitter !== '0s' && row('jitter', of.jitter)} ${of.start && row('start', clock(of.start))} ${of.end && row('end', clock(of.end))}
    ${of.skip.length > 0 && row('skip', of.skip.join(', '))}
    ${row('counts', t('schedule.counts.text', { enqueued: num(of.enqueued), overlapped: num(of.overlapped), missed: num(of.missed) }))}
    <dt>${t('type')}</dt><dd class="mono">${of.job.type}</dd><dt>${t('queue')}</dt><dd><a href=${'/queues/' + part(of.job.queue)}>${of.job.queue}</a></dd>
    ${row('changed', html`<${When} at=${of.changedAt} />`)} ${of.definedBy && row('code', of.definedBy)}
  </dl></${Card}>
  <${Card} title=${t('payload')}><pre class="code" tabindex="0">${pretty(of.job.payload === undefined ? null : of.job.payload)}</pre></${Card}>`;
}

function Actions({ of, reload }) {
  if (!mayWrite()) {
    return null;
  }
  return html`<div class="right">
    <button class="button primary" data-testid="run-now" onClick=${() => schedule.run(of.id, reload)}>${t('schedule.run')}</button>
    ${of.status !== 'ended' && html`<button class="button" onClick=${() => schedule.toggle(of, reload)}>${t(of.status === 'active' ? 'pause' : 'resume')}</button>`}
    <button class="button" onClick=${() => setQuery({ edit: '1' }, false)}>${t('edit')}</button>
    <button class="button danger" onClick=${() => schedule.drop(of.id)}>${t('delete')}</button>
  </div>`;
}

/** One schedule: when it runs, what became of its runs. */
export default function SchedulePage() {
  const id = place.value.path[1];
  const from = useFetch('/schedules/' + part(id), EVERY);
  const runs = useFetch('/schedules/' + part(id) + '/runs', EVERY);
  const reload = () => {
    from.reload();
    runs.reload();
  };
  const close = () => {
    setQuery({ edit: null });
    reload();
  };
  return html`<${Loaded} from=${from}>${(of) => html`
    <div class="title"><h1>${of.id}</h1><${State} of=${of.status} />
      ${of.origin === 'code' && html`<span class="pill">${t('schedule.code')}</span>`}<${Actions} of=${of} reload=${reload} /></div>
    <p class="lead">${words(of)}</p>
    ${of.problem && html`<div class="banner" role="alert"><p><strong>${t('schedule.problem')}</strong>${of.problem}</p></div>`}
    ${of.origin === 'code' && 'edit' in place.value.query && html`<div class="banner warn"><p>${t('schedule.code.text', { by: of.definedBy })}</p></div>`}
    ${'edit' in place.value.query && mayWrite() && html`<${ScheduleForm} key=${of.id} from=${of} etag=${from.etag} close=${close} />`}
    <div class="grid">
      <div class="c7 stack loose"><${Upcoming} of=${of} /><${Runs} from=${runs} /></div>
      <div class="c5 stack loose"><${Facts} of=${of} /></div>
    </div>`}</${Loaded}>`;
}
