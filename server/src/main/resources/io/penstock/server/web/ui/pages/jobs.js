import { html, useEffect, useRef, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { get, mayWrite, query } from '../lib/api.js';
import { paused } from '../lib/live.js';
import { num } from '../lib/format.js';
import { Card, Empty } from '../parts/bits.js';
import { JobTable } from '../parts/jobtable.js';
import { Operation, begin } from '../parts/operation.js';

const STATES = ['waiting', 'delayed', 'active', 'blocked', 'failed', 'completed', 'cancelled'];
const QUALIFIERS = ['id', 'type', 'state', 'queue', 'group', 'error', 'key'];
const VERBS = ['retry', 'promote', 'cancel', 'delete'];
const FINAL = new Set(['cancel', 'delete']);
const PAGE = 50;

/** A search looks for a moment and says how far it came; so many moments make one page here. */
const MOST_LOOKS = 20;
const EVERY = 5000;

/** Other pages lead here by queue and type: they are shown as what could have been typed. */
const typed = ({ q, queue, type }) => [q, queue && 'queue:' + queue, type && 'type:' + type].filter(Boolean).join(' ');
const withoutState = (text) => text.replace(/(^|\s)state:\S*/g, ' ').trim();

function useSearch(q, state, cursor) {
  const path = query({ q, state, cursor });
  const [found, setFound] = useState({ path: '', data: null, error: null });
  const turn = useRef(0);
  const reload = async () => {
    const mine = ++turn.current;
    const items = [];
    let scanned = 0;
    let next = cursor;
    try {
      for (let looks = 0; looks < MOST_LOOKS && items.length < PAGE && (next || !looks); looks++) {
        const page = await get('/jobs' + query({ q, state, cursor: next, limit: PAGE - items.length }));
        items.push(...page.items);
        scanned += page.scanned;
        next = page.next;
        if (mine !== turn.current) {
          return;
        }
      }
      setFound({ path, data: { items, next, scanned }, error: null });
    } catch (error) {
      if (mine === turn.current) {
        setFound((before) => ({ path, data: before.path === path ? before.data : null, error }));
      }
    }
  };
  useEffect(() => {
    reload();
    const again = () => document.visibilityState === 'visible' && !paused.value && reload();
    const timer = cursor || q ? 0 : setInterval(again, EVERY); // a search is done anew when somebody asks for it
    return () => {
      turn.current++;
      clearInterval(timer);
    };
  }, [path]);
  return { ...(found.path === path ? found : { data: null, error: null }), reload };
}

/** What the last word could become. */
function completions(text) {
  const space = text.lastIndexOf(' ') + 1;
  const [before, last] = [text.slice(0, space), text.slice(space)];
  const words = last.startsWith('state:') ? STATES.map((each) => 'state:' + each) : QUALIFIERS.map((each) => each + ':');
  return words.filter((each) => each.startsWith(last) && each !== last).map((each) => before + each);
}

function SearchBox({ text }) {
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);
  const go = (next) => setQuery({ q: next, queue: null, type: null, cursor: null, ...(/(^|\s)state:/.test(next) ? { state: null } : {}) });
  const submit = (event) => {
    event.preventDefault();
    go(draft.trim());
  };
  return html`<form class="filters search" role="search" onSubmit=${submit}>
    <div class="field grow">
      <label for="search">${t('search')}</label>
      <input id="search" type="search" list="search-words" autocomplete="off" spellcheck=${false} maxlength="500" aria-describedby="search-hint"
        value=${draft} onInput=${(event) => setDraft(event.target.value)} />
      <datalist id="search-words">${completions(draft).map((each) => html`<option key=${each} value=${each}></option>`)}</datalist>
      <span class="hint" id="search-hint">${t('search.hint')}</span>
    </div>
    <button class="button">${t('search')}</button>
    ${text && html`<button type="button" class="button plain" onClick=${() => go('')}>${t('filter.clear')}</button>`}
  </form>`;
}

function Tabs({ state, text }) {
  const turn = (each) => setQuery({ state: each, cursor: null, q: withoutState(text), queue: null, type: null });
  return html`<div class="tabs" role="tablist" aria-label=${t('state')}>
    ${['', ...STATES].map((each) => html`<button key=${each} role="tab" data-state=${each || 'any'} aria-selected=${String(each === (state || ''))} onClick=${() => turn(each)}>
      ${each ? t('word.' + each) : t('status.any')}</button>`)}
  </div>`;
}

/** What may be done to the jobs that are chosen, or to all that match. */
function Bulk({ chosen, all, chooseAll, clear, filter, started }) {
  const run = async (action) => {
    const states = action === 'delete' && !filter.state && !/(^|\s)state:/.test(filter.q || '') ? STATES.filter((each) => each !== 'active') : filter.state;
    const body = all
      ? { action, filter: { ...(filter.q && { q: filter.q }), ...(states && { state: states }) } }
      : { action, ids: [...chosen] };
    const id = await begin(body);
    if (id) {
      clear();
      started(id);
    }
  };
  return html`<div class="banner info" role="region" aria-label=${t('bulk')} data-testid="bulk">
    <p role="status">${all ? t('bulk.all.chosen') : t('bulk.chosen', { n: num(chosen.size) })}</p>
    ${!all && html`<button class="button" data-testid="choose-matching" onClick=${chooseAll}>${t('bulk.all')}</button>`}
    ${VERBS.map((verb) => html`<button key=${verb} data-verb=${verb} class=${'button' + (FINAL.has(verb) ? ' danger' : '')} onClick=${() => run(verb)}>${t('bulk.' + verb)}</button>`)}
    <button class="button plain" onClick=${clear}>${t('bulk.none')}</button>
  </div>`;
}

function Found({ from, cursor, chosen, choose }) {
  const { items, next, scanned } = from.data || {};
  const further = () => setQuery({ cursor: next }, false);
  return html`
    <${Card} flush>
      ${from.data && !items.length && next
        ? html`<${Empty} title=${t('search.none')} text=${t('search.none.text', { n: num(scanned) })}>
            <button class="button" onClick=${further}>${t('search.further')}</button></${Empty}>`
        : html`<${JobTable} from=${from} chosen=${mayWrite() ? chosen : undefined} choose=${choose} />`}
    </${Card}>
    <div class="title">
      ${cursor && html`<button class="button" onClick=${() => history.back()}>${t('page.back')}</button>`}
      ${next && items.length > 0 && html`<button class="button" onClick=${further}>${items.length < PAGE ? t('search.further') : t('page.next')}</button>`}
      ${from.data && html`<span class="note">${t('search.looked', { n: num(scanned) })}</span>`}
    </div>`;
}

/** Jobs by what is known of them, page by page, and what may be done to many at once. */
export default function JobsPage() {
  const values = place.value.query;
  const { state, cursor, op } = values;
  const text = typed(values);
  const [chosen, choose] = useState(new Set());
  const [all, setAll] = useState(false);
  const from = useSearch(text, state, cursor);
  const clear = () => {
    choose(new Set());
    setAll(false);
  };
  useEffect(clear, [text, state, cursor]);
  return html`
    <div class="title"><h1>${t('page.jobs')}</h1></div>
    <${SearchBox} text=${text} />
    <${Tabs} state=${state} text=${text} />
    ${op && html`<${Operation} id=${op} ended=${from.reload} close=${() => setQuery({ op: null })} />`}
    ${(all || chosen.size > 0) &&
    html`<${Bulk} chosen=${chosen} all=${all} chooseAll=${() => setAll(true)} clear=${clear} filter=${{ q: text, state }} started=${(id) => setQuery({ op: id })} />`}
    <${Found} from=${from} cursor=${cursor} chosen=${chosen} choose=${(next) => { setAll(false); choose(next); }} />`;
}
