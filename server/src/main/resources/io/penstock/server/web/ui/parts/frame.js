import { html, signal, useEffect } from '../lib/html.js';
import { t, language, speak, LANGUAGES } from '../lib/i18n.js';
import { place, go } from '../lib/router.js';
import { session, remove, get, part } from '../lib/api.js';
import { useLive, state, paused, pause, interval } from '../lib/live.js';
import { theme, turnTheme } from '../lib/theme.js';
import { remember } from '../lib/memory.js';
import { tell } from '../lib/ui.js';
import { short } from '../lib/format.js';
import { Icon, Logo } from './icons.js';

/** Pages of the rail with their keys after g. */
export const PLACES = [
  { name: 'overview', key: 'o' },
  { name: 'queues', key: 'q' },
  { name: 'jobs', key: 'j' },
  { name: 'dead', key: 'd' },
  { name: 'schedules', key: 's' },
  { name: 'flows', key: 'f' },
  { name: 'workers', key: 'w' },
  { name: 'memory', key: 'm' },
  { name: 'alerts', key: 'a' },
  { name: 'redis', key: 'r' },
  { name: 'limits', key: 'l' },
  { name: 'admin', key: 'x' },
];

const open = signal(false);

/** What this server is built of; asked once. */
const built = signal(null);

export async function discover() {
  built.value = await get('/info').catch(() => null);
}

function Languages() {
  return html`<select aria-label=${t('language')} value=${language.value} onChange=${(event) => speak(event.target.value)}>
    ${Object.entries(LANGUAGES).map(([code, name]) => html`<option key=${code} value=${code} selected=${code === language.value}>${name}</option>`)}
  </select>`;
}

function Rail({ overview }) {
  const here = place.value.path[0];
  const counts = overview ? overview.counts : {};
  const tally = {
    jobs: counts.active ? short(counts.active) : '',
    dead: counts.failed ? short(counts.failed) : '',
    alerts: overview && overview.alerts.active ? short(overview.alerts.active) : '',
  };
  return html`<aside class=${'rail' + (open.value ? ' open' : '')} onClick=${() => { open.value = false; }}>
    <a class="brand" href="/overview"><${Logo} />Penstock</a>
    <nav aria-label=${t('nav')}>
      ${PLACES.map(
        ({ name }) => html`<a key=${name} href=${'/' + name} aria-current=${here === name ? 'page' : undefined}>
          <${Icon} name=${name} />${t('page.' + name)}
          ${tally[name] && html`<span class=${'tally' + (name === 'jobs' ? '' : ' bad')}>${tally[name]}</span>`}
        </a>`,
      )}
    </nav>
    <div class="foot narrow-only" onClick=${(event) => event.stopPropagation()}><${Languages} />
      <button class="button" onClick=${signOut}>${t('signout')}</button></div>
    <div class="foot wide-only">${built.value && html`Penstock ${built.value.version}`}<br />${t('help.hint')}</div>
  </aside>`;
}

function Connection() {
  const now = state.value;
  const text = now === 'open' ? t('live.open', { seconds: interval.value / 1000 }) : t('live.' + now);
  return html`<button class=${'live ' + now} onClick=${() => pause(!paused.value)} title=${t('live.toggle')}>
    <i></i><span class="wide-only">${text}</span><span class="sr narrow-only">${text}</span>
  </button>`;
}

async function signOut() {
  await remove('/session').catch((error) => tell(error.message, { bad: true }));
  remember('signed-in', '');
  session.value = false;
}

/** What keeps buttons away, so that nobody looks for them. */
function Standing() {
  const { role, queues, readOnly } = session.value;
  return html`${readOnly && html`<span class="env production" title=${t('readonly.text')}>${t('readonly')}</span>`}
    ${(role !== 'admin' || queues.length > 0) && html`<span class="env" title=${queues.join(', ')}>${t('role.' + role)}</span>`}`;
}

function Topbar() {
  const [first, ...rest] = place.value.path;
  const env = session.value.environment;
  const nextTheme = theme.value || 'system';
  return html`<div class="topbar">
    <button class="button plain narrow-only" aria-label=${t('menu')} onClick=${() => { open.value = !open.value; }}>
      <${Icon} name="menu" />
    </button>
    <nav class="crumbs" aria-label=${t('crumbs')}>
      ${rest.length
        ? html`<a href=${'/' + first}>${t('page.' + first)}</a><span aria-hidden="true">/</span>
            <span aria-current="page">${rest.join(' / ')}</span>`
        : html`<span aria-current="page">${t('page.' + first)}</span>`}
    </nav>
    <div class="tools">
      ${env && html`<span class=${'env' + (/^prod/i.test(env) ? ' production' : '')}>${env}</span>`}
      <${Standing} />
      <${Connection} />
      <form class="wide-only" role="search" onSubmit=${find}>
        <input id="find" name="id" type="search" placeholder=${t('find.hint')} aria-label=${t('find')} size="16" />
      </form>
      <span class="wide-only"><${Languages} /></span>
      <button class="button plain" onClick=${turnTheme} aria-label=${t('theme.' + nextTheme)} title=${t('theme.' + nextTheme)}>
        <${Icon} name=${nextTheme} />
      </button>
      <button class="button plain wide-only" onClick=${signOut} aria-label=${t('signout')} title=${t('signout')}><${Icon} name="out" /></button>
    </div>
  </div>`;
}

/** An id leads to the job, anything else to the queue of that name: both may end in a dash and letters. */
async function find(event) {
  event.preventDefault();
  const form = event.target;
  const text = form.elements.id.value.trim();
  if (text) {
    const job = /-\w+$/.test(text) && (await get('/jobs/' + part(text)).catch(() => null));
    go((job ? '/jobs/' : '/queues/') + part(text));
    form.reset();
  }
}

function Away({ overview }) {
  if (state.value === 'lost') {
    return html`<div class="banner" role="alert"><p><strong>${t('away.server')}</strong>${t('away.server.text')}</p></div>`;
  }
  const redis = overview && overview.redis;
  if (!redis || (redis.status !== 'DOWN' && redis.answering !== false)) {
    return null;
  }
  return html`<div class="banner" role="alert" data-testid="redis-away">
    <p><strong>${t('away.redis')}</strong>${t('away.redis.text')} <span class="faint">${redis.reason}</span></p>
  </div>`;
}

/** What stands round every page. */
export function Frame({ children }) {
  const [overview] = useLive('overview');
  useEffect(() => {
    const page = t('page.' + place.value.path[0]);
    document.title = [...place.value.path.slice(1).reverse(), page, 'Penstock'].join(' · ');
  });
  return html`<div class="shell">
    <a class="skip" href="#page">${t('skip')}</a>
    <${Rail} overview=${overview} />
    <div class="main">
      <${Topbar} />
      <main class="page" id="page" tabindex="-1"><${Away} overview=${overview} />${children}</main>
    </div>
  </div>`;
}
