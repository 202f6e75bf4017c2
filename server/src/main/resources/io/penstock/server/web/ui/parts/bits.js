import { html } from '../lib/html.js';
import { t, knows } from '../lib/i18n.js';
import { ago, clock, num } from '../lib/format.js';
import { setQuery } from '../lib/router.js';

const TONES = {
  __proto__: null, // names that everybody may choose are looked up here
  active: 'good', paused: 'warn', held: 'info', draining: 'info', stopped: 'bad',
  waiting: '', delayed: 'info', blocked: 'warn', completed: 'done', error: 'bad', failed: 'bad', cancelled: '',
  NORMAL: 'good', WATCH: 'info', HIGH: 'warn', CRITICAL: 'bad', EMERGENCY: 'bad',
  UP: 'good', DEGRADED: 'warn', DOWN: 'bad', ok: 'good', warn: 'warn', fail: 'bad', degraded: 'warn', unhealthy: 'bad',
  critical: 'bad', warning: 'warn', info: 'info', firing: 'bad', pending: 'warn', resolved: 'good', running: 'good',
  acknowledged: 'info', silenced: '', delivered: 'good', sent: 'good', none: 'good', suspected: 'warn', confirmed: 'bad',
};

/** A word of the server in a colour, in the reader's language where there is one for it. */
export function Pill({ of, tone }) {
  const key = 'word.' + of;
  return html`<span class=${'pill ' + (tone !== undefined ? tone : TONES[of] || '')}><span>${knows(key) ? t(key) : of}</span></span>`;
}

export function Card({ title, note, right, children, foot, flush = false, className = '' }) {
  return html`<section class=${'card ' + className}>
    ${title &&
    html`<header><h2>${title}</h2>${note && html`<span class="note">${note}</span>`}${right && html`<div class="right">${right}</div>`}</header>`}
    <div class=${flush ? 'scroll' : 'body'} tabindex=${flush ? 0 : undefined}>${children}</div>
    ${foot && html`<footer>${foot}</footer>`}
  </section>`;
}

/** A figure with its name; href makes it lead somewhere. */
export function Stat({ label, value, small, tone = '', href, id }) {
  const inside = html`<div class="label">${label}</div>
    <div class=${'value ' + tone} data-testid=${id}>${value}${small && html` <small>${small}</small>`}</div>`;
  return href ? html`<a href=${href}>${inside}</a>` : html`<div>${inside}</div>`;
}

export function Empty({ title, text, code, children }) {
  return html`<div class="empty"><strong>${title}</strong>${text && html`<span>${text}</span>`}${code && html`<code>${code}</code>`}${children}</div>`;
}

/** What stands where something could not be had: what happened and what to do. */
export function Failed({ error, reload }) {
  const away = error instanceof TypeError;
  const paused = error.status === 503;
  return html`<div class="empty" role="alert">
    <strong>${away ? t('error.unreachable') : paused ? t('error.away') : error.status === 404 ? t('error.gone') : error.status === 403 ? t('error.forbidden') : t('error.refused')}</strong>
    <span>${away ? t('error.unreachable.text') : error.message}</span>${paused && html`<span class="note">${t('error.again')}</span>`}
    ${reload && html`<button class="button" onClick=${reload}>${t('retry.again')}</button>`}
  </div>`;
}

/** The data of a fetch once it is there; before that a quiet place holder, or what went wrong. */
export function Loaded({ from, children }) {
  if (from.data) {
    return children(from.data);
  }
  return from.error ? html`<${Failed} error=${from.error} reload=${from.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
}

export const When = ({ at }) => html`<time datetime=${at || undefined} title=${clock(at)}>${ago(at)}</time>`;

/** A count in a table; nothing to see is faint, less is left out on a phone. */
export const Count = ({ of, label, less }) => html`<td class=${'num' + (of ? '' : ' zero') + (less ? ' less' : '')} data-label=${label}>${num(of)}</td>`;

/** Pages of a list that is all here; the page stands in the address. */
export function Pager({ at, rows, all }) {
  const pages = Math.ceil(all / rows);
  const to = (page) => () => setQuery({ page: page === 1 ? null : page }, false);
  return pages > 1 && html`<div class="pager"><span>${t('page.of', { page: num(at), pages: num(pages) })}</span>
    <button class="button" disabled=${at <= 1} onClick=${to(at - 1)}>${t('page.before')}</button><button class="button" disabled=${at >= pages} onClick=${to(at + 1)}>${t('page.next')}</button></div>`;
}

export function Meter({ share, warn = 0.7, bad = 0.9, label }) {
  const value = Math.max(0, Math.min(1, share || 0));
  const tone = value >= bad ? 'bad' : value >= warn ? 'warn' : '';
  return html`<div class="meter" role="meter" aria-label=${label} aria-valuenow=${Math.round(value * 100)} aria-valuemin="0" aria-valuemax="100">
    <i class=${tone} style=${{ width: value * 100 + '%' }}></i>
  </div>`;
}

export function Segments({ value, options, onChange, label }) {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${options.map(([key, text]) => html`<button key=${key} type="button" aria-pressed=${String(key === value)} onClick=${() => onChange(key)}>${text}</button>`)}
  </div>`;
}

export function Field({ label, hint, error, id, children }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>${children}
    ${error ? html`<span class="error">${error}</span>` : hint && html`<span class="hint">${hint}</span>`}
  </div>`;
}

export function pretty(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
