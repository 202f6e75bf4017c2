import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { mayWrite, part, patch } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, tell } from '../lib/ui.js';
import { bytes } from '../lib/format.js';
import { Card, Field, Loaded } from './bits.js';

/** The fields by what they are about; a dot leads into an object. Kinds: n = number, b = bytes, s = span of time. */
const PARTS = {
  takes: [['maxJobs', 'n'], ['maxBytes', 'b'], ['maxPayloadBytes', 'b']],
  pace: [['maxActive', 'n'], ['rate.jobs', 'n'], ['rate.per', 's'], ['aging', 's']],
  completed: [['completed.age', 's'], ['completed.count', 'n'], ['completed.bytes', 'b']],
  failed: [['failed.age', 's'], ['failed.count', 'n'], ['failed.bytes', 'b']],
};
const KINDS = Object.fromEntries(Object.values(PARTS).flat());
const POWERS = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** 64 MiB, 64m and 67108864 are the same; null if it is none. */
function count(text) {
  const found = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  return found ? Math.round(Number(found[1]) * 1024 ** POWERS[found[2].toLowerCase()]) : null;
}

const at = (settings, key) => key.split('.').reduce((value, step) => (value === undefined ? undefined : value[step]), settings);

/** Written as a person would: 256 KiB where that is exact. */
function shown(key, settings) {
  const value = at(settings, key);
  if (value === undefined || value === null) {
    return key === 'rate.jobs' ? '0' : key === 'rate.per' ? '1s' : '';
  }
  const power = KINDS[key] === 'b' && value > 0 ? [3, 2, 1].find((each) => value % 1024 ** each === 0) : 0;
  return power ? value / 1024 ** power + ' ' + ['', 'KiB', 'MiB', 'GiB'][power] : String(value);
}

/** The body of a PATCH for some keys; throws the key that cannot be read. */
function bodyOf(values) {
  const body = {};
  for (const [key, text] of Object.entries(values)) {
    const value = KINDS[key] === 's' ? text.trim() : count(text);
    if (value === null || value === '') {
      throw new RangeError(t('queue.' + key));
    }
    const [first, second] = key.split('.');
    body[first] = second ? { ...(body[first] || {}), [second]: value } : value;
  }
  return body;
}

function Hint({ name, text }) {
  const value = KINDS[name] === 'b' ? count(text) : null;
  return value ? '= ' + bytes(value) : t('queue.' + name + '.hint');
}

/** What is set about a queue. */
export function QueueSettings({ name }) {
  const path = '/queues/' + part(name);
  const from = useFetch(path);
  const [draft, setDraft] = useState({});
  const write = (values, headers) => patch(path, bodyOf(values), headers);
  const save = async (event) => {
    event.preventDefault();
    const before = Object.fromEntries(Object.keys(draft).map((key) => [key, shown(key, from.data.settings)]));
    const undo = () => attempt(() => write(before).then(from.reload), t('done.undone'));
    try {
      bodyOf(draft);
    } catch (wrong) {
      tell(t('queue.wrong', { field: wrong.message }), { bad: true });
      return;
    }
    if (await attempt(() => write(draft, { 'If-Match': from.etag }), t('done.saved'), undo)) {
      setDraft({});
    }
    from.reload();
  };
  return html`<${Card} title=${t('queue.settings')} note=${t('queue.settings.note')}><${Loaded} from=${from}>${({ settings }) => html`
    <form class="form" onSubmit=${save}>
      ${Object.entries(PARTS).map(([title, keys]) => html`<fieldset key=${title}><legend>${t('queue.part.' + title)}</legend><div class="fields">
        ${keys.map(([key]) => {
          const value = key in draft ? draft[key] : shown(key, settings);
          return html`<${Field} key=${key} id=${'set-' + key} label=${t('queue.' + key)} hint=${Hint({ name: key, text: value })}>
            <input id=${'set-' + key} value=${value} disabled=${!mayWrite()} autocomplete="off" onInput=${(event) => setDraft({ ...draft, [key]: event.target.value })} /></${Field}>`;
        })}</div></fieldset>`)}
      ${mayWrite() && html`<div class="actions">${Object.keys(draft).length > 0 && html`<button type="button" class="button" onClick=${() => setDraft({})}>${t('cancel')}</button>`}
        <button class="button primary" disabled=${!Object.keys(draft).length}>${t('save')}</button></div>`}
    </form>`}</${Loaded}></${Card}>`;
}
