import { signal } from './html.js';
import { remember } from './memory.js';

/** Null = not asked yet, false = nobody is signed in, else what GET /session answers. */
export const session = signal(null);

/** A refusal, with what the server says about it. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || 'HTTP ' + status);
    this.status = status;
    this.type = String(problem.type || '').split('/').pop();
    this.pointer = problem.errors && problem.errors[0] ? problem.errors[0].pointer : '';
    this.retryAfter = problem.retryAfter || 0;
  }
}

/** Asks the server; answers {data, etag, status}. Throws Refused, or TypeError when the server cannot be reached. */
export async function ask(method, path, body, headers = {}) {
  const options = { method, headers: { 'X-Requested-With': 'penstock', ...headers }, credentials: 'same-origin' };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  const response = await fetch('/api/v1' + path, options);
  const text = await response.text();
  const json = /json/.test(response.headers.get('Content-Type') || '');
  const data = json && text ? JSON.parse(text) : text;
  // health answers 503 with a whole document: that is an answer, not a refusal
  if (!response.ok && !(response.status === 503 && data && data.services)) {
    if (response.status === 401 && path !== '/sessions') {
      session.value = false;
      remember('signed-in', '');
    }
    throw new Refused(response.status, json ? data : {});
  }
  return { data, etag: response.headers.get('ETag'), status: response.status };
}

export const get = async (path) => (await ask('GET', path)).data;
export const post = async (path, body, headers) => (await ask('POST', path, body, headers)).data;
export const put = async (path, body, headers) => (await ask('PUT', path, body, headers)).data;
export const patch = async (path, body, headers) => (await ask('PATCH', path, body, headers)).data;
export const remove = async (path, headers) => (await ask('DELETE', path, undefined, headers)).data;

/** Builds a query string of what is set. */
export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') {
      search.set(name, value);
    }
  }
  const text = search.toString();
  return text ? '?' + text : '';
}

/** A part of a path: names may hold dots and dashes, never a slash. */
export const part = encodeURIComponent;

/** Which roles do what; the server decides, this only says which buttons lead nowhere. */
const ROLES = { operate: ['operator', 'admin'], administer: ['admin'] };

/** Whether whoever is signed in may 'operate' or 'administer'; whole = something that is not of one queue. */
export function may(action, whole = false) {
  const who = session.value;
  return Boolean(who && !who.readOnly && ROLES[action].includes(who.role) && !(whole && who.queues.length));
}

/** Whether whoever is signed in may do what is done by day. */
export const mayWrite = () => may('operate');
