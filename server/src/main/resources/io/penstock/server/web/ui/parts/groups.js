import { html, useEffect, useRef, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { get, mayWrite, part, post, put, query, remove } from '../lib/api.js';
import { paused } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { attempt } from '../lib/ui.js';
import { bytes, num } from '../lib/format.js';
import { Card, Count, Empty, Field, Loaded, Pill, When } from './bits.js';

const ALL = '*';
const ROWS = 20;
const EVERY = 5000;

/** Pages asked for to fill one of ours. */
const MOST_WALKS = 6;

function rule({ weight, concurrency, rate, bytes: most }) {
  const parts = [
    weight !== undefined && t('group.rule.weight', { n: num(weight) }), concurrency !== undefined && t('group.rule.concurrency', { n: num(concurrency) }),
    rate && t('group.rule.rate', { n: num(rate.jobs), per: rate.per }), most !== undefined && t('group.rule.bytes', { bytes: bytes(most) }),
  ].filter(Boolean);
  return parts.length ? parts.join(' · ') : html`<span class="faint">${t('group.rule.none')}</span>`;
}

function Editor({ path, of, done }) {
  const old = of.rule || {};
  const [draft, setDraft] = useState({ group: of.group || '', weight: old.weight ?? '', concurrency: old.concurrency ?? '', jobs: old.rate ? old.rate.jobs : '', per: old.rate ? old.rate.per : '1s' });
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const save = async (event) => {
    event.preventDefault();
    const body = { paused: Boolean(old.paused) };
    ['weight', 'concurrency'].filter((name) => draft[name] !== '').forEach((name) => { body[name] = Number(draft[name]); });
    if (draft.jobs !== '') {
      body.rate = { jobs: Number(draft.jobs), per: draft.per };
    }
    if (old.bytes !== undefined) {
      body.bytes = old.bytes;
    }
    if (await attempt(() => put(path + '/' + part(draft.group), body), t('done.saved'))) {
      done();
    }
  };
  const field = (name, more) => html`<${Field} id=${'g-' + name} label=${t('group.' + name)}><input id=${'g-' + name} value=${draft[name]} onInput=${set(name)} ...${more} /></${Field}>`;
  return html`<form class="filters pad" onSubmit=${save}>
    ${field('group', { required: true, readonly: Boolean(of.group), size: 16 })} ${field('weight', { type: 'number', min: 1, max: 1000 })} ${field('concurrency', { type: 'number', min: 0 })}
    ${field('jobs', { type: 'number', min: 1 })} ${field('per', { size: 6 })}
    <button type="button" class="button" onClick=${done}>${t('cancel')}</button><button class="button primary">${t('save')}</button>
  </form>`;
}

/**
 * A page of groups. The server walks through them and may answer with fewer than it was asked for, or none, and more to come: that is
 * followed here until the page is full.
 */
function useGroups(path, start) {
  const [state, setState] = useState({ data: null, error: null });
  const turn = useRef(0);
  const reload = async () => {
    const mine = ++turn.current;
    try {
      const data = { items: [], next: start };
      for (let i = 0; i < MOST_WALKS && (i === 0 || (data.next && data.items.length < ROWS)); i++) {
        const page = await get(path + query({ limit: ROWS, cursor: data.next }));
        data.items.push(...page.items);
        data.next = page.next;
      }
      setState((before) => (mine === turn.current ? { data, error: null } : before));
    } catch (error) {
      setState((before) => (mine === turn.current ? { ...before, error } : before));
    }
  };
  useEffect(() => {
    reload();
    const timer = setInterval(() => document.visibilityState === 'visible' && !paused.value && reload(), EVERY);
    return () => {
      turn.current++;
      clearInterval(timer);
    };
  }, [path, start]);
  return { ...state, reload };
}

/** The groups of a queue: what each has in line and what it may do. */
export function Groups({ name }) {
  const path = '/queues/' + part(name) + '/groups';
  const [trail, setTrail] = useState([]);
  const from = useGroups(path, trail[trail.length - 1]);
  const all = useFetch(path + '/' + part(ALL));
  const [editing, setEditing] = useState(null);
  const done = () => {
    setEditing(null);
    from.reload();
    all.reload();
  };
  const act = (group, verb) => post(path + '/' + part(group) + ':' + verb).then(from.reload);
  const turn = (of) => {
    const [verb, back] = of.status === 'paused' ? ['resume', 'pause'] : ['pause', 'resume'];
    return attempt(() => act(of.group, verb), t('done.group.' + verb, { group: of.group }), () => attempt(() => act(of.group, back), t('done.undone')));
  };
  const reset = (of) => attempt(() => remove(path + '/' + part(of.group)).then(done), t('done.saved'), () => attempt(() => put(path + '/' + part(of.group), of.rule).then(done), t('done.undone')));
  const special = ({ weight, concurrency, rate, bytes: most }) => [weight, concurrency, rate, most].some((each) => each !== undefined);
  return html`<${Card} title=${t('groups')} note=${t('groups.note')} flush
    right=${mayWrite() && html`<button class="button" onClick=${() => setEditing({ group: ALL, rule: all.data && all.data.rule })}>${t('group.all')}</button><button class="button" onClick=${() => setEditing({})}>${t('group.new')}</button>`}
    foot=${from.data && (from.data.next || trail.length > 0) && html`${trail.length > 0 && html`<button class="button plain" onClick=${() => setTrail(trail.slice(0, -1))}>${t('page.back')}</button>`}
      ${from.data.next && html`<button class="button plain" onClick=${() => setTrail([...trail, from.data.next])}>${t('page.next')}</button>`}`}>
    ${editing && html`<${Editor} key=${editing.group || ''} path=${path} of=${editing} done=${done} />`}
    <${Loaded} from=${from}>${({ items }) => items.length
      ? html`<table class="stacks"><thead><tr><th>${t('group')}</th><th>${t('status')}</th><th class="num">${t('word.waiting')}</th><th class="num">${t('word.active')}</th><th>${t('group.rule')}</th><th><span class="sr">${t('actions')}</span></th></tr></thead>
          <tbody>${items.map((each) => html`<tr key=${each.group}><td data-label=${t('group')}><strong>${each.group}</strong></td>
            <td data-label=${t('status')}><${Pill} of=${each.status} />${each.until && html` <span class="faint"><${When} at=${each.until} /></span>`}</td>
            <${Count} of=${each.waiting} label=${t('word.waiting')} /><${Count} of=${each.active} label=${t('word.active')} /><td class="wrap" data-label=${t('group.rule')}>${rule(each.rule)}</td>
            <td class="num do">${mayWrite() && html`<button class="button plain" onClick=${() => setEditing(each)}>${t('edit')}<span class="sr"> ${each.group}</span></button>
              <button class="button plain" onClick=${() => turn(each)}>${t(each.status === 'paused' ? 'resume' : 'pause')}<span class="sr"> ${each.group}</span></button>
              ${special(each.rule) && html`<button class="button plain" onClick=${() => reset(each)}>${t('setting.reset')}<span class="sr"> ${each.group}</span></button>`}`}</td></tr>`)}</tbody></table>`
      : html`<${Empty} title=${t('groups.none')} text=${t('groups.none.text')} />`}</${Loaded}>
  </${Card}>`;
}
