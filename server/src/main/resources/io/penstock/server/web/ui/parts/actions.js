import { t } from '../lib/i18n.js';
import { part, post, remove } from '../lib/api.js';
import { attempt, confirm, tell } from '../lib/ui.js';
import { go } from '../lib/router.js';
import { num } from '../lib/format.js';

const queue = (name, verb) => post('/queues/' + part(name) + ':' + verb);
const job = (id, verb) => post('/jobs/' + part(id) + ':' + verb);

/** What an operator can do, each with its question before or its way back after. */
export const act = {
  toggle: (view) => (view.status === 'active' ? act.pause(view.name) : act.resume(view.name)),

  pause: (name) =>
    attempt(() => queue(name, 'pause'), t('done.paused', { queue: name }), () => attempt(() => queue(name, 'resume'), t('done.resumed', { queue: name }))),

  resume: (name) =>
    attempt(() => queue(name, 'resume'), t('done.resumed', { queue: name }), () => attempt(() => queue(name, 'pause'), t('done.paused', { queue: name }))),

  async drain(name) {
    const yes = await confirm({ title: t('drain.title', { queue: name }), text: t('drain.text'), action: t('drain'), danger: false });
    return yes && attempt(() => queue(name, 'drain'), t('done.draining', { queue: name }), () => attempt(() => queue(name, 'resume'), t('done.resumed', { queue: name })));
  },

  async purge(name, state, count) {
    const word = t('word.' + state);
    const yes = await confirm({
      title: t('purge.title', { state: word, queue: name }), text: t('purge.text', { n: num(count), state: word }), action: t('purge'), word: name,
    });
    return yes && attempt(async () => {
      const done = await post('/queues/' + part(name) + ':purge', { state });
      tell(t('done.purged', { n: num(done.removed) }));
    });
  },

  async deleteQueue(name) {
    const yes = await confirm({ title: t('queue.delete.title', { queue: name }), text: t('queue.delete.text'), action: t('delete'), word: name });
    if (yes && (await attempt(() => remove('/queues/' + part(name)), t('done.deleted', { what: name })))) {
      go('/queues');
    }
  },

  retry: (id) => attempt(() => job(id, 'retry'), t('done.retried', { id })),
  promote: (id) => attempt(() => job(id, 'promote'), t('done.promoted', { id })),

  async cancel(id) {
    const yes = await confirm({ title: t('cancel.title', { id }), text: t('cancel.text'), action: t('cancel.job') });
    return yes && attempt(() => job(id, 'cancel'), t('done.cancelled', { id }));
  },

  async clone(id, payload) {
    let made = null;
    const body = payload === undefined ? undefined : { payload };
    const done = await attempt(async () => {
      made = await post('/jobs/' + part(id) + ':clone', body, { 'Idempotency-Key': crypto.randomUUID() });
    });
    if (done && made) {
      tell(t('done.cloned', { id: made.id }));
      go('/jobs/' + part(made.id));
    }
  },

  async deleteJob(id) {
    const yes = await confirm({ title: t('job.delete.title', { id }), text: t('job.delete.text'), action: t('delete') });
    return yes && attempt(() => remove('/jobs/' + part(id)), t('done.deleted', { what: id }));
  },
};
