import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { may, part, post, remove } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, confirm, tell } from '../lib/ui.js';
import { clock } from '../lib/format.js';
import { Card, Empty, Field, Loaded, Pill, When } from './bits.js';

const ROLES = ['viewer', 'producer', 'worker', 'operator', 'admin'];
const ENDS = ['', '1d', '30d', '90d', '365d'];

function Editor({ made, close }) {
  const [draft, setDraft] = useState({ name: '', role: 'viewer', queues: '', expiresIn: '90d' });
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const queues = draft.queues.split(/[\s,]+/).filter(Boolean);
    const body = { name: draft.name, role: draft.role };
    if (queues.length) {
      body.queues = queues;
    }
    if (draft.expiresIn) {
      body.expiresIn = draft.expiresIn;
    }
    await attempt(async () => made(await post('/tokens', body)));
  };
  return html`<form class="filters" onSubmit=${save}>
    <${Field} id="t-name" label=${t('token.name')}><input id="t-name" required pattern="[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}" value=${draft.name} onInput=${set('name')} /></${Field}>
    <${Field} id="t-role" label=${t('token.role')}><select id="t-role" value=${draft.role} onChange=${set('role')}>${ROLES.map((each) => html`<option key=${each} value=${each} selected=${each === draft.role}>${t('role.' + each)}</option>`)}</select></${Field}>
    <${Field} id="t-queues" label=${t('token.queues')} hint=${t('token.queues.hint')}><input id="t-queues" placeholder="mail-*" value=${draft.queues} onInput=${set('queues')} /></${Field}>
    <${Field} id="t-end" label=${t('token.end')}><select id="t-end" value=${draft.expiresIn} onChange=${set('expiresIn')}>${ENDS.map((each) => html`<option key=${each} value=${each} selected=${each === draft.expiresIn}>${each || t('token.never')}</option>`)}</select></${Field}>
    <button type="button" class="button" onClick=${close}>${t('cancel')}</button><button class="button primary">${t('token.make')}</button>
  </form>`;
}

/** The secret of a token that was just made: here now, and never again. */
function Secret({ of, close }) {
  const copy = () => navigator.clipboard.writeText(of.token).then(() => tell(t('done.copied')), () => tell(t('copy.failed'), { bad: true }));
  return html`<div class="field" role="status">
    <label for="t-secret">${t('token.secret', { name: of.name })}</label>
    <input id="t-secret" class="mono" readonly value=${of.token} onFocus=${(event) => event.target.select()} />
    <span class="hint">${t('token.secret.once')}</span>
    <div><button class="button primary" onClick=${copy}>${t('copy')}</button> <button class="button" onClick=${close}>${t('close')}</button></div>
  </div>`;
}

async function revoke(token, reload) {
  const yes = await confirm({ title: t('token.revoke.title', { name: token.name }), text: t('token.revoke.text'), action: t('token.revoke') });
  if (yes && (await attempt(() => remove('/tokens/' + part(token.id)), t('token.revoked', { name: token.name })))) {
    reload();
  }
}

/** Who may ask this server, and for what. */
export function Tokens() {
  const from = useFetch('/tokens?limit=500', 15000);
  const [adding, setAdding] = useState(false);
  const [fresh, setFresh] = useState(null);
  const made = (token) => {
    setAdding(false);
    setFresh(token);
    from.reload();
  };
  const change = may('administer', true);
  return html`<${Card} title=${t('tokens')} note=${t('tokens.note')} flush right=${change && html`<button class="button primary" onClick=${() => setAdding(true)}>${t('token.new')}</button>`}>
    ${adding && html`<div class="pad"><${Editor} made=${made} close=${() => setAdding(false)} /></div>`}
    ${fresh && html`<div class="pad"><${Secret} of=${fresh} close=${() => setFresh(null)} /></div>`}
    <${Loaded} from=${from}>${({ items }) => items.length
      ? html`<table class="stacks"><thead><tr><th>${t('token.name')}</th><th>${t('token.role')}</th><th>${t('token.queues')}</th><th>${t('token.used')}</th><th>${t('token.end')}</th><th></th></tr></thead>
          <tbody>${items.map((each) => html`<tr key=${each.id}><td title=${each.id}><strong>${each.name}</strong></td><td data-label=${t('token.role')}>${t('role.' + each.role)}</td><td class="mono" data-label=${t('token.queues')}>${each.queues.join(' ') || t('token.all')}</td>
            <td data-label=${t('token.used')}>${each.lastUsedAt ? html`<${When} at=${each.lastUsedAt} />` : t('token.unused')}</td>
            <td data-label=${t('token.end')}>${each.expired ? html`<${Pill} of="expired" tone="warn" />` : each.expiresAt ? clock(each.expiresAt) : t('token.never')}</td>
            <td class="num">${change && html`<button class="button plain" onClick=${() => revoke(each, from.reload)}>${t('token.revoke')}</button>`}</td></tr>`)}</tbody></table>`
      : html`<${Empty} title=${t('tokens.none')} text=${t('tokens.none.text')} />`}</${Loaded}>
  </${Card}>`;
}
