// One page, no library. Text is only ever set as text: what a model says is a stranger's.
import { word } from '/words.js';

const at = (id) => document.getElementById(id);
let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
let conversation = null; // also in the address, so that it can be opened again
let running = null; // what stops the answer that is being given

function speak() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = word(language, element.dataset.word);
  }
  for (const button of document.querySelectorAll('[data-ask]')) {
    button.textContent = word(language, button.dataset.ask);
  }
  at('language').textContent = word(language, 'language');
  at('message').placeholder = word(language, 'placeholder');
}

function tell(key, values) {
  at('status').textContent = key ? word(language, key, values) : '';
  at('status').classList.toggle('bad', ['failed', 'refused', 'gone', 'unknown'].includes(key));
}

function toEnd() {
  at('talk').scrollTop = at('talk').scrollHeight;
}

function bubble(who, text) {
  at('start').hidden = true;
  const box = document.createElement('article');
  box.className = who;
  const name = document.createElement('h2');
  name.textContent = who === 'user' ? word(language, 'you') : at('agent').selectedOptions[0]?.textContent ?? '';
  const body = document.createElement('p');
  body.textContent = text;
  box.append(name, body);
  at('talk').append(box);
  toEnd();
  return body;
}

function remember(id) {
  conversation = id;
  history.replaceState(null, '', id ? '#' + id : location.pathname);
}

// Events of a fetch: EventSource cannot POST.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const name = lines.find((line) => line.startsWith('event: '));
      const data = lines.find((line) => line.startsWith('data: '));
      if (name && data) yield { name: name.slice(7), data: JSON.parse(data.slice(6)) };
    }
  }
}

function hear(event, body) {
  const { name, data } = event;
  const talk = at('talk'); // who reads above is left there
  const follows = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
  if (name === 'turn') {
    remember(data.id);
    tell(data.shared ? 'shared' : 'waiting');
  } else if (name === 'delta') {
    body.textContent = body.textContent.slice(0, data.at) + data.text; // from 0 again when the model was asked anew
    tell('speaking');
  } else {
    if (data.answer !== undefined) body.textContent = data.answer;
    tell(name === 'completed' || name === 'cancelled' ? name : 'failed', { ...data, error: data.error ?? name });
  }
  if (follows) toEnd();
}

function busy(body, is) {
  body.parentElement.ariaBusy = is;
  at('stop').hidden = !is;
  at('send').hidden = is;
}

async function ask(message) {
  const question = bubble('user', message);
  const body = bubble('assistant', '');
  running = new AbortController();
  busy(body, true);
  tell('waiting');
  try {
    const response = await fetch('/api/chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ message, agent: at('agent').value, ...(conversation ? { conversation } : {}) }),
      signal: running.signal,
    });
    if (!response.ok) {
      const problem = await response.json();
      tell('refused', { ...problem, seconds: response.headers.get('Retry-After') ?? '?' });
      question.parentElement.remove(); // it was not taken, so it is the caller's again
      body.parentElement.remove();
      at('message').value ||= message;
      return;
    }
    for await (const event of events(response)) hear(event, body);
  } catch (failure) {
    tell(failure.name === 'AbortError' ? 'cancelled' : 'gone');
  } finally {
    running = null;
    busy(body, false);
    at('message').focus();
  }
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const message = at('message').value.trim();
  if (!message || running) return;
  at('message').value = '';
  ask(message);
});
at('message').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at('form').requestSubmit();
  }
});
at('stop').addEventListener('click', () => running?.abort());
at('new').addEventListener('click', () => {
  running?.abort();
  remember(null);
  at('talk').replaceChildren(at('start'));
  at('start').hidden = false;
  tell('');
  at('message').focus();
});
for (const button of document.querySelectorAll('[data-ask]')) {
  button.addEventListener('click', () => running || ask(button.textContent));
}
at('language').addEventListener('click', () => {
  language = language === 'en' ? 'zh-CN' : 'en';
  localStorage.setItem('language', language);
  speak();
});

speak();
const [agents, info] = await Promise.all(['/api/agents', '/api/info'].map(async (path) => (await fetch(path)).json()));
for (const agent of agents.items) {
  at('agent').append(new Option(agent.name, agent.id));
}
if (info.dashboard) {
  at('dashboard').href = info.dashboard;
  at('dashboard').hidden = false;
}

async function open(id) {
  const response = await fetch('/api/chat/' + encodeURIComponent(id));
  if (!response.ok) {
    remember(null);
    tell('unknown');
    return;
  }
  const { agent, turns } = await response.json();
  at('agent').value = agent;
  conversation = id;
  for (const turn of turns) {
    bubble('user', turn.question);
    bubble('assistant', turn.answer ?? turn.error ?? turn.state);
  }
}
if (location.hash.length > 1) await open(location.hash.slice(1));
