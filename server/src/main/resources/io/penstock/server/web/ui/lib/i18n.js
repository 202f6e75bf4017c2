import { signal } from './html.js';
import { remembered, remember } from './memory.js';

export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' };

export const language = signal(first());
const words = signal({});

function first() {
  const kept = remembered('language');
  if (kept in LANGUAGES) {
    return kept;
  }
  return (navigator.languages || []).some((each) => /^zh/i.test(each)) ? 'zh-CN' : 'en';
}

/** Loads a language; what is on the screen changes when it is there. */
export async function speak(wanted) {
  const response = await fetch(new URL('../words/' + wanted + '.json', import.meta.url));
  words.value = await response.json();
  language.value = wanted;
  document.documentElement.lang = wanted;
  remember('language', wanted);
}

/** Says something: {name} stands for a value. */
export function t(key, values) {
  const text = words.value[key];
  if (text === undefined) {
    return key;
  }
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all)) : text;
}

/** Tells whether there is a word of that name, for words that the server chooses. */
export const knows = (key) => words.value[key] !== undefined;
