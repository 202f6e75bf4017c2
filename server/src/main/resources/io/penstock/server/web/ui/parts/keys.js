import { html, signal, useEffect, useRef } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { go } from '../lib/router.js';
import { pause, paused } from '../lib/live.js';
import { turnTheme } from '../lib/theme.js';
import { PLACES } from './frame.js';

const helping = signal(false);
let before = '';

addEventListener('keydown', (event) => {
  const typing = event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const key = event.key;
  if (before === 'g') {
    before = '';
    const found = PLACES.find((each) => each.key === key);
    if (found) {
      event.preventDefault();
      go('/' + found.name);
      return;
    }
  }
  before = key === 'g' ? 'g' : '';
  if (key === '/') {
    const field = document.getElementById('find');
    if (field) {
      event.preventDefault();
      field.focus();
    }
  } else if (key === '?') {
    helping.value = true;
  } else if (key === 'p') {
    pause(!paused.value);
  } else if (key === 't') {
    turnTheme();
  }
});

/** The keys, on a sheet. */
export function Help() {
  const dialog = useRef(null);
  useEffect(() => {
    if (helping.value) {
      dialog.current.showModal();
    }
  }, [helping.value]);
  if (!helping.value) {
    return null;
  }
  const close = () => {
    helping.value = false;
  };
  const row = (keys, text) => html`<dt>${keys.split(' ').map((each) => html`<kbd>${each}</kbd> `)}</dt><dd>${text}</dd>`;
  return html`<dialog ref=${dialog} aria-labelledby="help-title" onClose=${close} onCancel=${close}>
    <div>
      <h2 id="help-title">${t('help')}</h2>
      <dl class="facts">
        ${row('/', t('help.find'))} ${row('Ctrl K', t('palette.help'))} ${row('p', t('help.pause'))} ${row('t', t('help.theme'))} ${row('?', t('help.help'))}
        ${PLACES.map((each) => row('g ' + each.key, t('page.' + each.name)))}
      </dl>
      <div class="actions"><button class="button" onClick=${close}>${t('close')}</button></div>
    </div>
  </dialog>`;
}
