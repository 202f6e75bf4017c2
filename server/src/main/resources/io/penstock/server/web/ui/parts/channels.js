import { html, useState } from '../lib/html.js';
import { knows, t } from '../lib/i18n.js';
import { ask, may, part, post, put, remove } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm, tell } from '../lib/ui.js';
import { millis, num } from '../lib/format.js';
import { Card, Empty, Field, Loaded, Pill, When } from './bits.js';

/** The fields of each kind, those that it needs first; docs/channels.md has them in full. */
const KINDS = {
  webhook: { needs: ['url'], takes: ['secret'] },
  slack: { needs: ['url'], takes: [] },
  smtp: { needs: ['host', 'from', 'to'], takes: ['port', 'tls', 'username', 'password'] },
  pagerduty: { needs: ['routingKey'], takes: ['url'] },
  dingtalk: { needs: ['url'], takes: ['secret'] },
  feishu: { needs: ['url'], takes: ['secret'] },
  wecom: { needs: ['url'], takes: [] },
  log: { needs: [], takes: [] },
};

/** What the server never tells: sent back as it was shown, it stays what it is. */
const HIDDEN = ['url', 'secret', 'password', 'routingKey'];
const SEVERITIES = ['info', 'warning', 'error', 'critical'];
const TLS = ['starttls', 'tls', 'none'];
const FRESH = { id: '', kind: 'webhook', minSeverity: 'warning', enabled: true };

const nameOf = (kind) => (knows('channel.kind.' + kind) ? t('channel.kind.' + kind) : kind);
const fieldsOf = (kind) => [...KINDS[kind].needs, ...KINDS[kind].takes];

/** What is sent: a hidden field that nobody filled in stays what it was, one that was given up is left out. */
function written(draft, old, gone) {
  const body = { kind: draft.kind, minSeverity: draft.minSeverity, enabled: draft.enabled };
  if (draft.perMinute) {
    body.perMinute = Number(draft.perMinute);
  }
  const before = old && old.kind === draft.kind ? old : {};
  fieldsOf(draft.kind).forEach((name) => {
    const value = draft[name] || (HIDDEN.includes(name) && !gone.includes(name) ? before[name] : '');
    if (value) {
      body[name] = name === 'port' ? Number(value) : value;
    }
  });
  return body;
}

const shown = (channel) => Object.fromEntries(Object.entries(channel).filter(([name]) => !HIDDEN.includes(name)));

function Editor({ old, etag, done }) {
  const [draft, setDraft] = useState(old ? shown(old) : FRESH);
  const [gone, setGone] = useState([]);
  const change = (name, value) => setDraft({ ...draft, [name]: value });
  const set = (name) => (event) => change(name, event.target.value);
  const save = async (event) => {
    event.preventDefault();
    const work = () => put('/channels/' + part(draft.id), written(draft, old, gone), { 'If-Match': old ? etag : '"none"' }).catch((error) => {
      throw error.status === 412 && !old ? new Error(t('channel.taken', { id: draft.id })) : error;
    });
    if (await attempt(work, t('done.saved'))) {
      done();
    }
  };
  const field = (name) => {
    const { needs } = KINDS[draft.kind];
    const had = old && old.kind === draft.kind && HIDDEN.includes(name) ? old[name] : '';
    const left = gone.includes(name);
    const secret = HIDDEN.includes(name) && name !== 'url';
    const hint = had && html`${left ? t('channel.given.up') : t('channel.kept')} ${!needs.includes(name) && html`<button type="button" class="link" onClick=${() => setGone(left ? gone.filter((each) => each !== name) : [...gone, name])}>${t(left ? 'undo' : 'channel.give.up')}</button>`}`;
    return html`<${Field} key=${name} id=${'c-' + name} label=${t('channel.' + name)} hint=${hint}>
      ${name === 'tls'
        ? html`<select id="c-tls" value=${draft.tls || 'starttls'} onChange=${set('tls')}>${TLS.map((each) => html`<option key=${each} value=${each} selected=${each === (draft.tls || 'starttls')}>${each}</option>`)}</select>`
        : html`<input id=${'c-' + name} type=${secret ? 'password' : name === 'port' ? 'number' : 'text'} autocomplete=${secret ? 'new-password' : 'off'} spellcheck=${false} required=${needs.includes(name) && !had}
            placeholder=${left ? '' : had || (name === 'port' ? '587' : '')} value=${draft[name] || ''} onInput=${set(name)} />`}</${Field}>`;
  };
  return html`<form class="form" onSubmit=${save} data-testid="channel-form">
    <div class="fields">
      <${Field} id="c-id" label=${t('channel.id')}><input id="c-id" required readonly=${Boolean(old)} pattern="[A-Za-z0-9._\\-]{1,64}" value=${draft.id} onInput=${set('id')} /></${Field}>
      <${Field} id="c-kind" label=${t('channel.kind')}><select id="c-kind" value=${draft.kind} onChange=${set('kind')}>${Object.keys(KINDS).map((each) => html`<option key=${each} value=${each} selected=${each === draft.kind}>${nameOf(each)}</option>`)}</select></${Field}>
      ${fieldsOf(draft.kind).map(field)}
      <${Field} id="c-sev" label=${t('channel.from.severity')}><select id="c-sev" value=${draft.minSeverity} onChange=${set('minSeverity')}>${SEVERITIES.map((each) => html`<option key=${each} value=${each} selected=${each === draft.minSeverity}>${t('word.' + each)}</option>`)}</select></${Field}>
      <${Field} id="c-per" label=${t('channel.perMinute')}><input id="c-per" type="number" min="1" max="600" placeholder=${t('channel.perMinute.usual')} value=${draft.perMinute || ''} onInput=${set('perMinute')} /></${Field}>
    </div>
    ${old && fieldsOf(draft.kind).some((name) => HIDDEN.includes(name)) && html`<p class="note">${t('channel.secrets')}</p>`}
    <div class="actions"><button type="button" class="button" onClick=${done}>${t('cancel')}</button><button class="button primary">${t('save')}</button></div>
  </form>`;
}

async function drop(id, reload) {
  const yes = await confirm({ title: t('channel.delete.title', { id }), text: t('channel.delete.text'), action: t('delete') });
  if (yes && (await attempt(() => remove('/channels/' + part(id)), t('done.deleted', { what: id })))) {
    reload();
  }
}

/** Switched off it is told nothing and keeps what is set. */
async function turn(channel, reload) {
  const flip = async (enabled) => {
    const { data, etag } = await ask('GET', '/channels/' + part(channel.id));
    await put('/channels/' + part(channel.id), { ...data, enabled }, { 'If-Match': etag });
    reload();
  };
  await attempt(() => flip(!channel.enabled), t(channel.enabled ? 'done.off' : 'done.on', { what: channel.id }), () => attempt(() => flip(channel.enabled), t('done.undone')));
}

function Row({ of, edit, reload, told }) {
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    await attempt(async () => {
      const { outcome, tookMillis, error } = await post('/channels/' + part(of.id) + ':test');
      const good = outcome === 'delivered';
      tell(good ? t('channel.tested', { id: of.id, span: millis(tookMillis) }) : t('channel.test.failed', { id: of.id, error: error || outcome }), { bad: !good });
    });
    setBusy(false);
    told();
  };
  const { status } = of;
  return html`<tr data-channel=${of.id}>
    <td><strong>${of.id}</strong>${!of.enabled && html` <${Pill} of="off" tone="" />`}<span class="under mono">${of.url || of.to || ''}</span>${status.lastError && html`<span class="under bad wrapped">${status.lastError}</span>`}</td>
    <td data-label=${t('channel.kind')}>${nameOf(of.kind)}</td><td data-label=${t('channel.from.severity')}><${Pill} of=${of.minSeverity} /></td>
    <td class=${'num' + (status.delivered ? '' : ' zero')} data-label=${t('channel.delivered')}>${num(status.delivered)}${status.lastDeliveredAt && html`<span class="under"><${When} at=${status.lastDeliveredAt} /></span>`}</td>
    <td class=${'num' + (status.failed ? ' bad' : ' zero')} data-label=${t('channel.failed')}>${num(status.failed)}</td>
    <td class="num do">${may('administer', true) && html`${of.enabled && html`<button class="button plain" disabled=${busy} onClick=${test}>${t('channel.test')}<span class="sr"> ${of.id}</span></button>`}
      <button class="button plain" onClick=${edit}>${t('edit')}<span class="sr"> ${of.id}</span></button>
      <button class="button plain" onClick=${() => turn(of, reload)}>${t(of.enabled ? 'turn.off' : 'turn.on')}<span class="sr"> ${of.id}</span></button>
      <button class="button plain" onClick=${() => drop(of.id, reload)}>${t('delete')}<span class="sr"> ${of.id}</span></button>`}</td></tr>`;
}

/** Who is told of alerts, and how that went. */
export function Channels() {
  const from = useFetch('/channels', 10000);
  const deliveries = useFetch('/deliveries?limit=20', 10000);
  const [editing, setEditing] = useState(null);
  const done = () => {
    setEditing(null);
    from.reload();
  };
  const told = () => {
    from.reload();
    deliveries.reload();
  };
  const edit = (id) => attempt(async () => {
    const { data, etag } = await ask('GET', '/channels/' + part(id));
    setEditing({ old: data, etag });
  });
  return html`
    ${editing && html`<${Card} title=${editing.old ? t('channel.edit', { id: editing.old.id }) : t('channel.new')}><${Editor} key=${editing.old ? editing.old.id : ''} ...${editing} done=${done} /></${Card}>`}
    <${Card} title=${t('alerts.channels')} note=${t('channels.note')} flush right=${may('administer', true) && html`<button class="button primary" onClick=${() => setEditing({})}>${t('channel.new')}</button>`}>
      <${Loaded} from=${from}>${({ items }) => items.length
        ? html`<table class="stacks"><thead><tr><th>${t('channel.id')}</th><th>${t('channel.kind')}</th><th>${t('channel.from.severity')}</th><th class="num">${t('channel.delivered')}</th><th class="num">${t('channel.failed')}</th><th><span class="sr">${t('actions')}</span></th></tr></thead>
            <tbody>${items.map((each) => html`<${Row} key=${each.id} of=${each} edit=${() => edit(each.id)} reload=${from.reload} told=${told} />`)}</tbody></table>`
        : html`<${Empty} title=${t('channels.none')} text=${t('channels.none.text')} />`}</${Loaded}>
    </${Card}>
    <${Card} title=${t('deliveries')} flush>
      <${Loaded} from=${deliveries}>${({ items }) => items.length
        ? html`<table class="stacks"><thead><tr><th>${t('when')}</th><th>${t('channel.id')}</th><th>${t('status')}</th><th class="num">${t('attempts')}</th><th class="num">${t('opt.took')}</th><th>${t('what')}</th></tr></thead>
            <tbody>${items.map((each) => html`<tr key=${each.id}><td><${When} at=${each.at} /></td><td data-label=${t('channel.id')}>${each.channel}</td><td data-label=${t('status')}><${Pill} of=${each.outcome} /></td><td class="num" data-label=${t('attempts')}>${num(each.attempts)}</td><td class="num" data-label=${t('opt.took')}>${millis(each.tookMillis)}</td>
              <td class="wrap" data-label=${t('what')}>${each.error || each.notices.map((one) => one.rule).join(', ')}</td></tr>`)}</tbody></table>`
        : html`<${Empty} title=${t('deliveries.none')} text=${t('deliveries.none.text')} />`}</${Loaded}>
    </${Card}>`;
}
