import { html, render, signal, useEffect } from './lib/html.js';
import { language, speak, t } from './lib/i18n.js';
import { get, session } from './lib/api.js';
import { remembered } from './lib/memory.js';
import { place } from './lib/router.js';
import { Confirming, Toasts, tell } from './lib/ui.js';
import { Empty } from './parts/bits.js';
import { Frame, discover } from './parts/frame.js';
import { Help } from './parts/keys.js';
import { Palette } from './parts/palette.js';
import SignInPage from './pages/signin.js';

/** The module of each place; a second step in the path, as of /queues/mail, is a page of its own. */
const PAGES = {
  __proto__: null, // or /constructor would be one
  overview: './pages/overview.js',
  queues: './pages/queues.js',
  'queues/*': './pages/queue.js',
  jobs: './pages/jobs.js',
  'jobs/*': './pages/job.js',
  dead: './pages/dead.js',
  schedules: './pages/schedules.js',
  'schedules/*': './pages/schedule.js',
  flows: './pages/flows.js',
  'flows/*': './pages/flow.js',
  workers: './pages/workers.js',
  memory: './pages/memory.js',
  alerts: './pages/alerts.js',
  redis: './pages/redis.js',
  limits: './pages/limits.js',
  admin: './pages/admin.js',
};

const shown = signal(null);

const named = ([first, second]) => (second ? first + '/*' : first === 'sign-in' ? 'overview' : first);

/** Fetches the code of the page that is asked for before it is known who asks. */
function moduleHere() {
  const known = PAGES[named(place.value.path)];
  if (known) {
    import(known).catch(() => {}); // the page itself says so
  }
}

function Page() {
  const [, second] = place.value.path;
  const name = named(place.value.path);
  const known = PAGES[name];
  useEffect(() => {
    let over = false;
    if (known) {
      import(known).then(
        (module) => {
          if (!over) {
            shown.value = { name, View: module.default };
          }
        },
        () => tell(t('error.page'), { bad: true }),
      );
    }
    return () => {
      over = true;
    };
  }, [name]);
  if (!known) {
    return html`<${Empty} title=${t('error.gone')} text=${t('error.nopage')}><a class="button" href="/overview">${t('page.overview')}</a></${Empty}>`;
  }
  const now = shown.value;
  return now && now.name === name
    ? html`<${now.View} key=${name + (second || '')} />`
    : html`<div class="skeleton">${t('loading')}</div>`;
}

function App() {
  if (session.value === null) {
    return null;
  }
  if (!session.value) {
    return html`<${SignInPage} begin=${discover} /><${Toasts} />`;
  }
  return html`<${Frame}><${Page} /></${Frame}><${Toasts} /><${Confirming} /><${Help} /><${Palette} />`;
}

// what the first page needs is asked for at once, not one after the other
const words = speak(language.value);
const asked = remembered('signed-in') ? get('/session').catch(() => false) : false; // not asked: the refusal would stand in everybody's console
moduleHere();
await words;
render(html`<${App} />`, document.getElementById('app'));
session.value = await asked;
if (session.value) {
  discover();
}
