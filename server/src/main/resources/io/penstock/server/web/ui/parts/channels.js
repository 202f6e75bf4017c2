import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { may, part, post, put, remove } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm } from '../lib/ui.js';
import { millis, num } from '../lib/format.js';
import { Card, Empty, Field, Loaded, Pill, When } from './bits.js';

/** The fields of each kind; docs/channels.md has them in full. */
const KINDS = {
  webhook: ['url', 'secret'],
  slack: ['url'],
  mail: ['host', 'port', 'username', 'password', 'from', 'to'],
  pagerduty: ['routingKey'],
  dingtalk: ['url', 'secret'],
  feishu: ['url', 'secret'],
  wecom: ['url'],
};
const HIDDEN = ['secret', 'password', 'routingKey'];

function Editor({ done }) {
  const [draft, setDraft] = useState({ id: '', kind: 'webhook', minSeverity: 'warning' });
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const body = { kind: draft.kind, minSeverity: draft.minSeverity };
    KINDS[draft.kind].filter((name) => draft[name]).forEach((name) => {
      body[name] = name === 'port' ? Number(draft[name]) : draft[name];
    });
    if (await attempt(() => put('/channels/' + part(draft.id), body), t('done.saved'))) {
      done();
    }
  };
  return html`<form class="filters" onSubmit=${save}>
    <${Field} id="c-id" label=${t('channel.id')}><input id="c-id" required value=${draft.id} onInput=${set('id')} /></${Field}>
    <${Field} id="c-kind" label=${t('channel.kind')}><select id="c-kind" value=${draft.kind} onChange=${set('kind')}>${Object.keys(KINDS).map((each) => html`<option>${each}</option>`)}</select></${Field}>
    ${KINDS[draft.kind].map((name) => html`<${Field} key=${name} id=${'c-' + name} label=${t('channel.' + name)}>
      <input id=${'c-' + name} type=${HIDDEN.includes(name) ? 'password' : 'text'} autocomplete="off" value=${draft[name] || ''} onInput=${set(name)} /></${Field}>`)}
    <${Field} id="c-sev" label=${t('channel.from.severity')}><select id="c-sev" value=${draft.minSeverity} onChange=${set('minSeverity')}>${['info', 'warning', 'error', 'critical'].map((each) => html`<option value=${each} selected=${each === draft.minSeverity}>${t('word.' + each)}</option>`)}</select></${Field}>
    <button type="button" class="button" onClick=${done}>${t('cancel')}</button><button class="button primary">${t('save')}</button>
  </form>`;
}

async function drop(id, reload) {
  const yes = await confirm({ title: t('channel.delete.title', { id }), text: t('channel.delete.text'), action: t('delete') });
  if (yes && (await attempt(() => remove('/channels/' + part(id)), t('done.deleted', { what: id })))) {
    reload();
  }
}

/** Who is told of alerts, and how that went. */
export function Channels() {
  const from = useFetch('/channels', 10000);
  const deliveries = useFetch('/deliveries?limit=20', 10000);
  const [adding, setAdding] = useState(false);
  const done = () => {
    setAdding(false);
    from.reload();
  };
  return html`
    <${Card} title=${t('alerts.channels')} note=${t('channels.note')} flush right=${may('administer', true) && html`<button class="button primary" onClick=${() => setAdding(true)}>${t('channel.new')}</button>`}>
      ${adding && html`<div class="pad"><${Editor} done=${done} /></div>`}
      <${Loaded} from=${from}>${({ items }) => items.length
        ? html`<table><thead><tr><th>${t('channel.id')}</th><th>${t('channel.kind')}</th><th>${t('channel.from.severity')}</th><th class="num">${t('channel.delivered')}</th><th class="num">${t('channel.failed')}</th><th>${t('channel.error')}</th><th></th></tr></thead>
            <tbody>${items.map((each) => html`<tr key=${each.id}><td>${each.id}</td><td>${each.kind}</td><td><${Pill} of=${each.minSeverity} /></td><td class="num">${num(each.status.delivered)}</td>
              <td class=${'num' + (each.status.failed ? ' bad' : ' zero')}>${num(each.status.failed)}</td><td class="cut bad">${each.status.lastError || ''}</td>
              <td class="num">${may('administer', true) && html`<button class="button plain" onClick=${() => attempt(() => post('/channels/' + part(each.id) + ':test').then(deliveries.reload), t('done.tested', { id: each.id }))}>${t('channel.test')}</button>
                <button class="button plain" onClick=${() => drop(each.id, from.reload)}>${t('delete')}</button>`}</td></tr>`)}</tbody></table>`
        : html`<${Empty} title=${t('channels.none')} text=${t('channels.none.text')} />`}</${Loaded}>
    </${Card}>
    <${Card} title=${t('deliveries')} flush>
      <${Loaded} from=${deliveries}>${({ items }) => items.length
        ? html`<table><thead><tr><th>${t('when')}</th><th>${t('channel.id')}</th><th>${t('status')}</th><th class="num">${t('attempts')}</th><th class="num">${t('opt.took')}</th><th>${t('what')}</th></tr></thead>
            <tbody>${items.map((each) => html`<tr key=${each.id}><td><${When} at=${each.at} /></td><td>${each.channel}</td><td><${Pill} of=${each.outcome} /></td><td class="num">${num(each.attempts)}</td><td class="num">${millis(each.tookMillis)}</td>
              <td class="cut">${each.error || each.notices.map((one) => one.rule).join(', ')}</td></tr>`)}</tbody></table>`
        : html`<${Empty} title=${t('deliveries.none')} />`}</${Loaded}>
    </${Card}>`;
}
