import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { may, put } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt } from '../lib/ui.js';
import { Card, Failed, Field } from './bits.js';

const NUMBERS = [
  ['threshold', 20, 95],
  ['intervalMs', 100, 3600000],
  ['maxHeapSizeMB', 0, 16777216],
  ['maxRSSSizeMB', 0, 16777216],
];

/** The policy as the reports name it: applies at once and survives a restart. */
export function Policy() {
  const from = useFetch('/memory/policy');
  const [draft, setDraft] = useState({});
  if (!from.data) {
    return from.error ? html`<${Failed} error=${from.error} reload=${from.reload} />` : null;
  }
  const now = { ...from.data, ...draft };
  const change = (key, value) => setDraft({ ...draft, [key]: value });
  const save = async (event) => {
    event.preventDefault();
    const before = Object.fromEntries(Object.keys(draft).map((key) => [key, from.data[key]]));
    const undo = () => attempt(() => put('/memory/policy', before).then(from.reload), t('done.undone'));
    const done = await attempt(() => put('/memory/policy', draft, { 'If-Match': from.etag }), t('done.saved'), undo);
    setDraft(done ? {} : draft);
    from.reload();
  };
  const box = (key) => html`<label class="check"><input type="checkbox" checked=${now[key]} disabled=${!may('administer', true)} onChange=${(event) => change(key, event.target.checked)} />${t('policy.' + key)}</label>`;
  return html`<${Card} title=${t('policy')} note=${t('policy.note')}>
    <form class="form" onSubmit=${save}>
      <div class="filters">${box('enabled')}${box('autoOptimization')}</div>
      <div class="fields">
        ${NUMBERS.map(
          ([key, least, most]) => html`<${Field} key=${key} id=${'p-' + key} label=${t('policy.' + key)} hint=${t('policy.' + key + '.hint') + ' · ' + t('policy.from', { origin: from.data.origins[key] })}>
            <input id=${'p-' + key} type="number" min=${least} max=${most} value=${now[key]} disabled=${!may('administer', true)} onInput=${(event) => change(key, Number(event.target.value))} />
          </${Field}>`,
        )}
      </div>
      ${may('administer', true) && html`<div><button class="button primary" disabled=${!Object.keys(draft).length}>${t('save')}</button></div>`}
    </form>
  </${Card}>`;
}
