import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { get, part, post } from '../lib/api.js';
import { attempt, confirm, tell } from '../lib/ui.js';
import { num } from '../lib/format.js';
import { Meter, Pill } from './bits.js';

const FINAL = new Set(['cancel', 'delete']);
const verb = (action) => t('bulk.' + action);

/** Asks the server how many jobs it would be, then whoever is there, and begins; answers the id, or null. */
export async function begin(body, { word = '', text = '', asks = true } = {}) {
  let id = null;
  await attempt(async () => {
    if (asks) {
      const tried = await post('/operations', { ...body, dryRun: true });
      if (!tried.matched && tried.complete) {
        tell(t('bulk.nothing'));
        return;
      }
      const values = { verb: verb(body.action), n: num(tried.matched) };
      const yes = await confirm({
        title: tried.complete ? t('bulk.title', values) : t('bulk.title.least', values),
        text: [text, FINAL.has(body.action) ? t('bulk.text') : '', t('bulk.sample', { ids: tried.sample.slice(0, 3).join(', ') })].filter(Boolean).join(' '),
        action: body.action === 'cancel' ? t('bulk.cancel.do') : verb(body.action), danger: FINAL.has(body.action), word,
      });
      if (!yes) {
        return;
      }
    }
    id = (await post('/operations', body, { 'Idempotency-Key': crypto.randomUUID() })).id;
  });
  return id;
}

/** An operation as it goes on: looked at more and more seldom, until it has ended. */
function useOperation(id, ended) {
  const [state, setState] = useState({ id: '', data: null });
  useEffect(() => {
    let over = false;
    let timer = 0;
    const look = async (wait) => {
      try {
        const data = await get('/operations/' + part(id));
        if (over) {
          return;
        }
        setState({ id, data });
        if (data.finishedAt) {
          ended(data);
          return;
        }
      } catch (refused) {
        if (refused.status === 404) {
          setState({ id, data: null });
          return;
        }
      }
      timer = over ? 0 : setTimeout(() => look(Math.min(2000, wait * 1.5)), wait);
    };
    if (id) {
      look(150);
    }
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id]);
  return state.id === id ? state.data : null;
}

/** How an operation gets on, with a way to stop it; then what it left undone. */
export function Operation({ id, ended, close }) {
  const now = useOperation(id, ended);
  if (!now) {
    return null;
  }
  const over = Boolean(now.finishedAt);
  const stop = () => attempt(() => post('/operations/' + part(id) + ':cancel'));
  return html`<section class="card" aria-label=${t('op')} data-testid="operation">
    <header><h2>${verb(now.action)}</h2><${Pill} of=${now.state} />
      <div class="right">
        ${over
          ? html`<button class="button" onClick=${close}>${t('close')}</button>`
          : html`<button class="button danger" disabled=${now.cancelRequested} onClick=${stop}>${t('op.stop')}</button>`}
      </div>
    </header>
    <div class="body">
      <${Meter} share=${now.progress} warn=${2} bad=${2} label=${t('op')} />
      <p role="status">${t('op.counts', { done: num(now.done), skipped: num(now.skipped), failed: num(now.failed) })}
        ${' '}<span class="faint">${t('op.looked', { n: num(now.looked), all: num(now.total) })}</span></p>
      ${now.error && html`<p class="bad">${now.error}</p>`}
      ${now.failures.length > 0 &&
      html`<details open=${now.failures.length < 6}><summary>${t('op.left')}</summary>
        <ul>${now.failures.map((each) => html`<li key=${each.id}><a class="mono" href=${'/jobs/' + part(each.id)}>${each.id}</a> ${each.reason}</li>`)}
          ${now.moreFailures > 0 && html`<li>${t('op.more', { n: num(now.moreFailures) })}</li>`}</ul></details>`}
    </div>
  </section>`;
}
