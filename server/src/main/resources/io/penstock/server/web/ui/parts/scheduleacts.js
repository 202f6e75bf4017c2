import { t } from '../lib/i18n.js';
import { part, post, remove } from '../lib/api.js';
import { attempt, confirm, tell } from '../lib/ui.js';
import { go } from '../lib/router.js';

const to = (id, verb) => post('/schedules/' + part(id) + ':' + verb);
const turned = { pause: 'done.paused.schedule', resume: 'done.resumed.schedule' };

function turn(id, verb, then) {
  const back = verb === 'pause' ? 'resume' : 'pause';
  const undo = () => attempt(() => to(id, back).then(then), t(turned[back], { id }));
  return attempt(() => to(id, verb).then(then), t(turned[verb], { id }), undo);
}

/** What can be done to a schedule; then is called once it is done. */
export const schedule = {
  toggle: (of, then = () => {}) => turn(of.id, of.status === 'active' ? 'pause' : 'resume', then),

  async run(id, then = () => {}) {
    const yes = await confirm({ title: t('schedule.run.title', { id }), text: t('schedule.run.text'), action: t('schedule.run'), danger: false });
    return yes && attempt(async () => {
      const made = await post('/schedules/' + part(id) + ':run', undefined, { 'Idempotency-Key': crypto.randomUUID() });
      tell(t('done.ran', { id, job: made.job }), { undo: () => go('/jobs/' + part(made.job)), action: t('look') });
      then();
    });
  },

  async drop(id) {
    const yes = await confirm({ title: t('schedule.delete.title', { id }), text: t('schedule.delete.text'), action: t('delete'), word: id });
    if (yes && (await attempt(() => remove('/schedules/' + part(id)), t('done.deleted', { what: id })))) {
      go('/schedules');
    }
  },
};
