import { html, signal, useEffect, useRef, useState } from './html.js';
import { t } from './i18n.js';

const toasts = signal([]);
const asked = signal(null);
let number = 0;

/** Says what was done; undo, when given, is a function that takes it back, or does what else action says. */
export function tell(text, { bad = false, undo = null, action = '' } = {}) {
  const toast = { key: ++number, text, bad, undo, action };
  toasts.value = [...toasts.value.slice(-3), toast];
  setTimeout(() => drop(toast), bad || undo ? 9000 : 4500);
}

function drop(toast) {
  toasts.value = toasts.value.filter((each) => each !== toast);
}

/** Does something, says how it went, and answers whether it went well. */
export async function attempt(work, done, undo) {
  try {
    await work();
    if (done) {
      tell(done, { undo });
    }
    return true;
  } catch (error) {
    tell(error instanceof TypeError ? t('error.unreachable') : error.message, { bad: true });
    return false;
  }
}

/** Asks before something that cannot be taken back; word = what must be typed first. */
export function confirm({ title, text, action, word = '', danger = true }) {
  return new Promise((answer) => {
    asked.value = { title, text, action, word, danger, answer };
  });
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(
      (each) => html`<div key=${each.key} class=${'toast' + (each.bad ? ' bad' : '')}>
        <span>${each.text}</span>
        ${each.undo
          ? html`<button onClick=${() => { drop(each); each.undo(); }}>${each.action || t('undo')}</button>`
          : html`<button aria-label=${t('close')} onClick=${() => drop(each)}>×</button>`}
      </div>`,
    )}
  </div>`;
}

export function Confirming() {
  const question = asked.value;
  const dialog = useRef(null);
  const [typed, setTyped] = useState('');
  useEffect(() => {
    setTyped('');
    if (question) {
      dialog.current.showModal();
    }
  }, [question]);
  if (!question) {
    return null;
  }
  const close = (yes) => {
    asked.value = null;
    question.answer(yes);
  };
  const ready = !question.word || typed === question.word;
  return html`<dialog ref=${dialog} aria-labelledby="confirm-title" onCancel=${() => close(false)}>
    <form onSubmit=${(event) => { event.preventDefault(); if (ready) { close(true); } }}>
      <h2 id="confirm-title">${question.title}</h2>
      <p class="soft">${question.text}</p>
      ${question.word &&
      html`<div class="field">
        <label for="confirm-word">${t('confirm.type', { word: question.word })}</label>
        <input id="confirm-word" autocomplete="off" spellcheck=${false} value=${typed}
          onInput=${(event) => setTyped(event.target.value)} />
      </div>`}
      <div class="actions">
        <button type="button" class="button" onClick=${() => close(false)}>${t('cancel')}</button>
        <button type="submit" class=${'button ' + (question.danger ? 'danger solid' : 'primary')} disabled=${!ready}>
          ${question.action}
        </button>
      </div>
    </form>
  </dialog>`;
}
