import { signal, batch } from './html.js';

/** Where we are: {path: ['queues','mail'], query: {…}}. The address holds the whole view. */
export const place = signal(read());

function read() {
  const path = location.pathname.split('/').filter(Boolean).map(decode);
  return { path: path.length ? path : ['overview'], query: Object.fromEntries(new URLSearchParams(location.search)) };
}

function decode(step) {
  try {
    return decodeURIComponent(step);
  } catch (malformed) {
    return step;
  }
}

export function go(href, replace) {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  batch(() => {
    place.value = read();
  });
  if (!replace) {
    scrollTo(0, 0);
  }
}

/** Changes parameters of the view; null takes one away. */
export function setQuery(changes, replace = true) {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') {
      search.delete(name);
    } else {
      search.set(name, value);
    }
  }
  const text = search.toString();
  go(location.pathname + (text ? '?' + text : ''), replace);
}

addEventListener('popstate', () => {
  place.value = read();
});

addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  const ours = link && link.origin === location.origin && !link.target && !link.hasAttribute('download');
  if (ours && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
    if (link.hash && link.pathname === location.pathname) {
      return;
    }
    event.preventDefault();
    go(link.pathname + link.search);
  }
});
