import { signal, useEffect } from './html.js';
import { session } from './api.js';

/** 'connecting', 'open', 'lost' or 'paused'. */
export const state = signal('connecting');
export const interval = signal(2000);
export const paused = signal(false);

/** The last that was heard of each topic; 'queues' is a map by name. */
const heard = new Map();
const wanted = new Map();
let source = null;
let open = '';
let again = 0;
let wait = 1000;
let hidden = 0;

export function heardOf(topic) {
  if (!heard.has(topic)) {
    heard.set(topic, signal(null));
  }
  return heard.get(topic);
}

/** Listens to topics while the component is there; answers what was heard last of each. */
export function useLive(...topics) {
  const key = topics.join(',');
  useEffect(() => {
    topics.forEach((topic) => wanted.set(topic, (wanted.get(topic) || 0) + 1));
    queueMicrotask(connect);
    return () => {
      topics.forEach((topic) => {
        const left = wanted.get(topic) - 1;
        if (left) {
          wanted.set(topic, left);
        } else {
          wanted.delete(topic);
          if (topic.includes(':')) {
            heard.delete(topic); // one queue of a thousand: it is not kept
          }
        }
      });
      queueMicrotask(connect);
    };
  }, [key]);
  return topics.map((topic) => heardOf(topic).value);
}

function connect() {
  const topics = [...wanted.keys()].sort().join(',');
  const silent = paused.value || hidden < 0 || !session.value || !topics;
  if (silent ? !source : source && open === topics) {
    return;
  }
  close();
  if (silent) {
    state.value = paused.value || hidden < 0 ? 'paused' : 'connecting';
    return;
  }
  open = topics;
  state.value = 'connecting';
  source = new EventSource('/api/v1/events?topics=' + encodeURIComponent(topics));
  source.onopen = () => {
    state.value = 'open';
    wait = 1000;
  };
  source.onerror = lost;
  source.addEventListener('hello', (event) => {
    interval.value = JSON.parse(event.data).intervalMillis;
  });
  topics.split(',').forEach((topic) => {
    source.addEventListener(topic, (event) => hear(topic, JSON.parse(event.data)));
  });
}

function close() {
  clearTimeout(again);
  if (source) {
    source.close();
  }
  source = null;
  open = '';
}

function lost() {
  state.value = 'lost';
  if (source && source.readyState === EventSource.CLOSED) {
    close(); // refused: the browser will not try again by itself
    again = setTimeout(connect, wait);
    wait = Math.min(wait * 2, 15000);
  }
}

function hear(topic, data) {
  if (topic !== 'queues') {
    heardOf(topic).value = data;
    return;
  }
  const known = heardOf(topic).value;
  const next = new Map(data.all ? [] : known);
  data.items.forEach((queue) => next.set(queue.name, queue));
  data.gone.forEach((name) => next.delete(name));
  heardOf(topic).value = next;
}

export function pause(on) {
  paused.value = on;
  connect();
}

/** A tab that nobody sees asks for nothing. */
document.addEventListener('visibilitychange', () => {
  clearTimeout(hidden);
  if (document.visibilityState === 'hidden') {
    hidden = setTimeout(() => {
      hidden = -1;
      connect();
    }, 8000);
  } else {
    hidden = 0;
    connect();
  }
});

session.subscribe(() => queueMicrotask(connect));
