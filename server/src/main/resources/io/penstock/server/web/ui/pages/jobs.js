import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, query } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { confirm } from '../lib/ui.js';
import { num } from '../lib/format.js';
import { Card, Field } from '../parts/bits.js';
import { JobTable } from '../parts/jobtable.js';
import { act } from '../parts/actions.js';

const STATES = ['waiting', 'delayed', 'active', 'blocked', 'failed', 'completed', 'cancelled'];
const VERBS = ['retry', 'promote', 'cancel', 'delete'];
const FINAL = new Set(['cancel', 'delete']);

function Filters({ values }) {
  const [draft, setDraft] = useState(values);
  useEffect(() => setDraft(values), [values.queue, values.type]);
  const submit = (event) => {
    event.preventDefault();
    setQuery({ queue: draft.queue, type: draft.type, cursor: null });
  };
  const field = (name) => html`<${Field} id=${'f-' + name} label=${t(name)}>
    <input id=${'f-' + name} value=${draft[name] || ''} onInput=${(event) => setDraft({ ...draft, [name]: event.target.value })} onBlur=${submit} />
  </${Field}>`;
  return html`<form class="filters" onSubmit=${submit}>
    ${field('queue')}${field('type')}
    <${Field} id="f-state" label=${t('state')}>
      <select id="f-state" value=${values.state || ''} onChange=${(event) => setQuery({ state: event.target.value, cursor: null })}>
        <option value="">${t('status.any')}</option>
        ${STATES.map((each) => html`<option value=${each} selected=${each === values.state}>${t('word.' + each)}</option>`)}
      </select>
    </${Field}>
    <button class="button">${t('filter')}</button>
    ${(values.queue || values.type || values.state) &&
    html`<button type="button" class="button plain" onClick=${() => setQuery({ queue: null, type: null, state: null, cursor: null })}>${t('filter.clear')}</button>`}
  </form>`;
}

function Bulk({ chosen, choose, reload }) {
  const [step, setStep] = useState(0);
  const ids = [...chosen];
  const run = async (verb) => {
    const yes = !FINAL.has(verb) ||
      (await confirm({ title: t('bulk.title', { verb: t('bulk.' + verb), n: num(ids.length) }), text: t('bulk.text'), action: t('bulk.' + verb) }));
    if (yes) {
      await act.each(ids, verb, setStep);
      setStep(0);
      choose(new Set());
      reload();
    }
  };
  return html`<div class="banner info" role="region" aria-label=${t('bulk')}>
    <p>${step ? t('bulk.step', { step: num(step), all: num(ids.length) }) : t('bulk.chosen', { n: num(ids.length) })}</p>
    ${VERBS.map((verb) => html`<button key=${verb} class=${'button' + (FINAL.has(verb) ? ' danger' : '')} disabled=${step > 0} onClick=${() => run(verb)}>${t('bulk.' + verb)}</button>`)}
    <button class="button plain" onClick=${() => choose(new Set())}>${t('cancel')}</button>
  </div>`;
}

/** Jobs by queue, state and type, page by page. */
export default function JobsPage() {
  const { queue, state, type, cursor } = place.value.query;
  const [chosen, choose] = useState(new Set());
  const from = useFetch('/jobs' + query({ queue, state, type, cursor, limit: 50 }), cursor ? 0 : 5000);
  const next = from.data && from.data.next;
  return html`
    <div class="title"><h1>${t('page.jobs')}</h1></div>
    <${Filters} values=${{ queue, state, type }} />
    ${chosen.size > 0 && html`<${Bulk} chosen=${chosen} choose=${choose} reload=${from.reload} />`}
    <${Card} flush>
      <${JobTable} from=${from} chosen=${mayWrite() ? chosen : undefined} choose=${choose} />
    </${Card}>
    <div class="title">
      ${cursor && html`<button class="button" onClick=${() => history.back()}>${t('page.back')}</button>`}
      ${next && html`<button class="button" onClick=${() => setQuery({ cursor: next }, false)}>${t('page.next')}</button>`}
      ${!cursor && html`<span class="note">${t('jobs.order')}</span>`}
    </div>`;
}
