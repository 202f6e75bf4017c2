import { html, useEffect, useState } from '../lib/html.js';
import { t, language } from '../lib/i18n.js';
import { go } from '../lib/router.js';
import { part, post, put } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, tell } from '../lib/ui.js';
import { HERE, until, zoned } from '../lib/format.js';
import { Card, Field, Segments, pretty } from './bits.js';

const KINDS = ['cron', 'every', 'fixedDelay'];
const USUAL = { cron: '0 9 * * MON-FRI', every: '15m', fixedDelay: '10m' };
const OVERLAPS = ['allow', 'skip', 'queue', 'replace'];
const MISFIRES = ['once', 'skip', 'catch-up'];
const PREVIEWED = 5;

/** Milliseconds without a key before the server is asked what it means. */
const QUIET = 250;

const zones = () => (Intl.supportedValuesOf ? ['UTC', ...Intl.supportedValuesOf('timeZone')] : ['UTC', HERE]);

function begin(from) {
  const kind = KINDS.find((each) => from && from[each]) || 'cron';
  const job = (from && from.job) || { queue: 'default', type: '', payload: {} };
  return {
    id: from ? from.id : '', kind, text: from ? from[kind] : USUAL.cron, zone: from ? from.zone : HERE,
    type: job.type, queue: job.queue, payload: pretty(job.payload === undefined ? {} : job.payload),
    overlap: from ? from.overlap : 'allow', misfire: from ? from.misfire : 'once', jitter: (from && from.jitter) || '0s',
    start: (from && from.start) || '', end: (from && from.end) || '', skip: from ? from.skip.join(', ') : '',
  };
}

const times = (draft) => ({
  [draft.kind]: draft.text, zone: draft.zone || undefined, start: draft.start || undefined, end: draft.end || undefined,
  skip: draft.skip.trim() ? draft.skip.split(',').map((day) => day.trim()) : undefined,
});

/** What the draft means, asked a moment after the last key. */
function usePreview(draft) {
  const [state, setState] = useState({});
  const body = JSON.stringify({ ...times(draft), count: PREVIEWED });
  useEffect(() => {
    let over = false;
    const timer = setTimeout(() => {
      post('/schedules:preview', body).then(
        (found) => !over && setState({ found }),
        (error) => !over && setState({ error }),
      );
    }, QUIET);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [body]);
  return state;
}

function Preview({ found, error, zone }) {
  if (error) {
    return html`<div class="preview bad" role="status" data-testid="preview"><strong>${t('schedule.wrong')}</strong><span>${error.message}</span></div>`;
  }
  if (!found) {
    return html`<div class="preview" role="status" data-testid="preview"><span class="faint">${t('loading')}</span></div>`;
  }
  return html`<div class="preview" role="status" data-testid="preview">
    <strong>${found.descriptions[language.value === 'zh-CN' ? 'zh' : 'en']}</strong>
    <ol>${found.runs.map((run) => html`<li key=${run}><span>${zoned(run, zone)} ${zone}</span>${zone !== HERE && html`<span class="faint">${zoned(run)} ${HERE}</span>`}<em>${until(run)}</em></li>`)}</ol>
    ${!found.runs.length && html`<span class="faint">${t('schedule.afterend')}</span>`}
  </div>`;
}

/** The job of a schedule as it may be written: what is not in the form stays as it was. */
function jobOf(draft, from) {
  return { ...(from ? from.job : {}), queue: draft.queue, type: draft.type, payload: JSON.parse(draft.payload || 'null') };
}

function bodyOf(draft, from) {
  const body = { ...times(draft), overlap: draft.overlap, misfire: draft.misfire, job: jobOf(draft, from) };
  if (draft.jitter && draft.jitter !== '0s') {
    body.jitter = draft.jitter;
  }
  if (draft.misfire === 'catch-up' && from && from.catchUp) {
    body.catchUp = from.catchUp;
  }
  if (draft.kind === 'cron' && from && from.cron && from.clockChange) {
    body.clockChange = from.clockChange;
  }
  return body;
}

/** Makes a schedule, or changes one: from = as GET answers it, etag = which of its versions is changed. */
export function ScheduleForm({ from, etag, close }) {
  const [draft, setDraft] = useState(() => begin(from));
  const info = useFetch('/info');
  const shown = usePreview(draft);
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const turn = (kind) => setDraft({ ...draft, kind, text: from && from[kind] ? from[kind] : USUAL[kind] });
  const save = async (event) => {
    event.preventDefault();
    let body;
    try {
      body = bodyOf(draft, from);
    } catch (malformed) {
      tell(t('payload.malformed', { reason: malformed.message }), { bad: true });
      return;
    }
    // the server has "none" for the version of what is not there: a new one never writes over another
    const work = () => put('/schedules/' + part(draft.id), body, { 'If-Match': etag || '"none"' }).catch((error) => {
      throw error.status === 412 && !from ? new Error(t('schedule.taken', { id: draft.id })) : error;
    });
    if (await attempt(work, t('done.saved'))) {
      close();
      go('/schedules/' + part(draft.id));
    }
  };
  const text = (name, more) => html`<${Field} id=${'s-' + name} label=${t('schedule.' + name)} hint=${more && more.hint}>
    <input id=${'s-' + name} value=${draft[name]} onInput=${set(name)} autocomplete="off" spellcheck=${false} ...${more && more.also} /></${Field}>`;
  const choice = (name, all) => html`<${Field} id=${'s-' + name} label=${t('schedule.' + name)}>
    <select id=${'s-' + name} value=${draft[name]} onChange=${set(name)}>${all.map((each) => html`<option value=${each} selected=${each === draft[name]}>${t('schedule.' + name + '.' + each)}</option>`)}</select></${Field}>`;
  return html`<${Card} title=${from ? t('schedule.edit', { id: from.id }) : t('schedule.new')}>
    <form class="form" onSubmit=${save}>
      <div class="halves">
        <div class="form">
          ${text('id', { also: { required: true, readonly: Boolean(from), pattern: '[A-Za-z0-9._\\-]{1,64}' } })}
          <div class="field"><span class="label">${t('schedule.kind')}</span><${Segments} label=${t('schedule.kind')} value=${draft.kind} options=${KINDS.map((each) => [each, t('schedule.kind.' + each)])} onChange=${turn} /></div>
          ${text('text', { hint: t('schedule.text.' + draft.kind), also: { required: true, class: 'mono' } })}
          ${text('zone', { also: { list: 'zones' } })}
          <datalist id="zones">${zones().map((each) => html`<option value=${each}></option>`)}</datalist>
        </div>
        <${Preview} ...${shown} zone=${draft.zone || 'UTC'} />
      </div>
      <div class="filters">
        ${text('type', { also: { required: true, list: 'handlers', class: 'mono' } })}
        <datalist id="handlers">${((info.data && info.data.handlers) || []).map((each) => html`<option value=${each}></option>`)}</datalist>
        ${text('queue', { also: { required: true } })}
        ${choice('overlap', OVERLAPS)} ${choice('misfire', MISFIRES)}
      </div>
      <div class="field"><label for="s-payload">${t('payload')}</label><textarea id="s-payload" class="low" spellcheck=${false} value=${draft.payload} onInput=${set('payload')}></textarea></div>
      <details><summary>${t('schedule.more')}</summary><div class="filters above">
        ${text('jitter', { hint: t('schedule.jitter.hint'), also: { size: 8 } })} ${text('start', { hint: '2026-01-31T08:00:00Z' })} ${text('end', { hint: '2026-12-31T00:00:00Z' })} ${text('skip', { hint: t('schedule.skip.hint') })}
      </div></details>
      <div class="actions"><button type="button" class="button" onClick=${close}>${t('cancel')}</button>
        <button class="button primary" disabled=${Boolean(shown.error)} data-testid="save-schedule">${from ? t('save') : t('schedule.create')}</button></div>
    </form>
  </${Card}>`;
}
