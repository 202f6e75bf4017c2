import { language, t } from './i18n.js';

const DASH = '–';
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

const none = (value) => value === null || value === undefined || Number.isNaN(value);

export function num(value, digits = 0) {
  return none(value) ? DASH : value.toLocaleString(language.value, { maximumFractionDigits: digits });
}

/** 12.3k, for tallies that must stay narrow. */
export function short(value) {
  return none(value)
    ? DASH
    : value < 10000
      ? num(value)
      : value.toLocaleString(language.value, { notation: 'compact', maximumFractionDigits: 1 });
}

export function bytes(value) {
  if (none(value)) {
    return DASH;
  }
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return num(rest, unit && rest < 100 ? 1 : 0) + ' ' + UNITS[unit];
}

export const percent = (share, digits = 1) => (none(share) ? DASH : num(share * 100, digits) + ' %');
export const rate = (value) => (none(value) ? DASH : num(value, value < 10 ? 2 : value < 100 ? 1 : 0) + '/s');

export function millis(value) {
  if (none(value)) {
    return DASH;
  }
  if (value < 1000) {
    return num(value, value < 10 ? 1 : 0) + ' ms';
  }
  return span(value / 1000);
}

export function span(seconds) {
  if (none(seconds)) {
    return DASH;
  }
  const of = (unit, values) => t('span.' + unit, values);
  if (seconds < 60) {
    return of('s', { s: num(seconds, seconds < 10 ? 1 : 0) });
  }
  if (seconds < 3600) {
    const min = Math.floor(seconds / 60);
    return seconds < 600 ? of('min.s', { min, s: Math.floor(seconds % 60) }) : of('min', { min });
  }
  if (seconds < 86400) {
    return of('h.min', { h: Math.floor(seconds / 3600), min: Math.floor((seconds % 3600) / 60) });
  }
  return of('d', { d: num(seconds / 86400, 1) });
}

/** The spans that charts look back over, as choices. */
export const pasts = () => [['15m', t('span.min', { min: 15 })], ['1h', t('span.h', { h: 1 })], ['6h', t('span.h', { h: 6 })], ['24h', t('span.h', { h: 24 })]];

export function ago(instant) {
  if (!instant) {
    return DASH;
  }
  const seconds = (Date.now() - Date.parse(instant)) / 1000;
  if (Math.abs(seconds) < 1.5) {
    return t('time.now');
  }
  return t(seconds > 0 ? 'time.ago' : 'time.in', { span: span(Math.abs(Math.round(seconds))) });
}

export function clock(instant) {
  return instant
    ? new Date(instant).toLocaleString(language.value, {
        month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
      })
    : DASH;
}

/** How far off an instant is, for what is to come: never "0 s ago". */
export const until = (instant) => (instant && Date.parse(instant) <= Date.now() ? t('time.due') : ago(instant));

export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An instant by the clock of a zone, with the day of the week: schedules are read that way. */
export function zoned(instant, zone = HERE) {
  if (!instant) {
    return DASH;
  }
  const parts = { weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false };
  const second = new Date(instant).getUTCSeconds() ? { second: '2-digit' } : {};
  try {
    return new Date(instant).toLocaleString(language.value, { ...parts, ...second, timeZone: zone });
  } catch (unknownHere) {
    return new Date(instant).toLocaleString(language.value, { ...parts, timeZone: 'UTC', timeZoneName: 'short' });
  }
}
