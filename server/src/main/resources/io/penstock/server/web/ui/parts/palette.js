import { html, signal, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { t, language, speak, LANGUAGES } from '../lib/i18n.js';
import { go } from '../lib/router.js';
import { get, mayWrite, part } from '../lib/api.js';
import { pause, paused } from '../lib/live.js';
import { turnTheme } from '../lib/theme.js';
import { PLACES } from './frame.js';

/** Lines shown at once; more letters narrow them. */
const MOST = 9;

/** Queues that are known to it; a browser looks through so many in no time. */
const MOST_QUEUES = 500;

const open = signal(false);

addEventListener('keydown', (event) => {
  if (event.key === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    open.value = !open.value;
  }
});

function everything(queues) {
  const other = Object.entries(LANGUAGES).find(([code]) => code !== language.value);
  return [
    ...PLACES.map(({ name, key }) => ({ kind: 'page', text: t('page.' + name), also: name, hint: 'g ' + key, run: () => go('/' + name) })),
    ...(mayWrite() ? [{ kind: 'do', text: t('schedule.new'), also: 'new schedule', run: () => go('/schedules?new=1') }] : []),
    { kind: 'do', text: t('help.theme'), also: 'theme dark light', hint: 't', run: turnTheme },
    { kind: 'do', text: t('help.pause'), also: 'pause live', hint: 'p', run: () => pause(!paused.value) },
    { kind: 'do', text: other[1], also: 'language ' + other[0], run: () => speak(other[0]) },
    ...queues.map((name) => ({ kind: 'queue', text: name, also: '', run: () => go('/queues/' + part(name)) })),
  ];
}

/** What begins with the text before what only has it inside. */
function fitting(all, text) {
  const wanted = text.trim().toLowerCase();
  const rank = (each) => {
    const [name, also] = [each.text.toLowerCase(), each.also.toLowerCase()];
    return name.startsWith(wanted) || also.startsWith(wanted) ? 0 : name.includes(wanted) || also.includes(wanted) ? 1 : 2;
  };
  const found = all.map((each) => [rank(each), each]).filter(([at]) => at < 2).sort(([a], [b]) => a - b).map(([, each]) => each).slice(0, MOST);
  const job = /-\w+$/.test(wanted) ? [{ kind: 'job', text: text.trim(), also: '', run: () => go('/jobs/' + part(text.trim())) }] : [];
  return [...found, ...job];
}

function Box() {
  const dialog = useRef(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [queues, setQueues] = useState([]);
  useEffect(() => {
    dialog.current.showModal();
    get('/queues?limit=' + MOST_QUEUES).then(({ items }) => setQueues(items.map((each) => each.name)), () => {});
  }, []);
  const found = useMemo(() => fitting(everything(queues), text), [text, queues]);
  const close = () => { open.value = false; };
  const choose = (each) => {
    close();
    each.run();
  };
  const key = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter' && found[at]) {
      event.preventDefault();
      choose(found[at]);
    }
  };
  return html`<dialog class="palette" ref=${dialog} aria-label=${t('palette')} onClose=${close} onClick=${(event) => event.target === dialog.current && close()}>
    <div>
      <input role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant=${found[at] ? 'palette-' + at : undefined} aria-label=${t('palette')}
        placeholder=${t('palette.hint')} autocomplete="off" spellcheck=${false} value=${text} onKeyDown=${key} onInput=${(event) => { setText(event.target.value); setAt(0); }} />
      <ul id="palette-list" role="listbox" aria-label=${t('palette')}>
        ${found.map((each, i) => html`<li key=${each.kind + each.text} id=${'palette-' + i} role="option" aria-selected=${String(i === at)} onMouseMove=${() => setAt(i)} onClick=${() => choose(each)}>
          <span>${each.text}</span><em>${each.hint || t('palette.' + each.kind)}</em></li>`)}
      </ul>
      ${!found.length && html`<p class="note pad">${t('palette.none')}</p>`}
    </div>
  </dialog>`;
}

/** Goes anywhere and does anything by a few letters; opens with Ctrl K. */
export const Palette = () => open.value && html`<${Box} />`;
