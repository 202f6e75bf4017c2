import { signal } from './html.js';
import { remembered, remember } from './memory.js';

/** 'light', 'dark', or '' for what the system says. */
export const theme = signal(remembered('theme'));

/** Counts changes of colours: charts are drawn anew, because a canvas knows no variables. */
export const colours = signal(0);

export function setTheme(next) {
  theme.value = next;
  remember('theme', next);
  if (next) {
    document.documentElement.dataset.theme = next;
  } else {
    delete document.documentElement.dataset.theme;
  }
  colours.value++;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colours.value++;
});

export const turnTheme = () => setTheme({ '': 'light', light: 'dark', dark: '' }[theme.value]);
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
