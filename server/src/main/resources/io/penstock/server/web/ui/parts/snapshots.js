import { html, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { may, part, post } from '../lib/api.js';
import { useFetch } from '../lib/fetching.js';
import { attempt, tell } from '../lib/ui.js';
import { bytes, clock, millis, num } from '../lib/format.js';
import { Card, Empty, Loaded, Pill, When } from './bits.js';
import { Changed, Delta, Largest, mayStop } from './classes.js';

const PATH = '/memory/snapshots';

const FIGURES = [
  ['heapUsedBytes', 'hull.used', bytes],
  ['liveSetBytes', 'hull.live', bytes],
  ['rssBytes', 'rss', bytes],
  ['directBytes', 'rss.direct', bytes],
  ['metaspaceBytes', 'rss.meta', bytes],
  ['threads', 'snapshot.threads', num],
  ['gcCount', 'gc.runs', num],
];

const known = (value) => value !== null && value !== undefined;

function Figures({ of, then }) {
  const rows = FIGURES.filter(([name]) => known(of.sample[name]) && (!then || known(then.sample[name])));
  return html`<div class="scroll" tabindex="0"><table class="tight">
    ${then && html`<thead><tr><th><span class="sr">${t('what')}</span></th><th class="num">${t('compare.before')}</th><th class="num">${t('compare.after')}</th><th class="num">${t('compare.change')}</th></tr></thead>`}
    <tbody>${rows.map(([name, word, format]) => html`<tr key=${name}><td>${t(word)}</td><td class="num">${format(of.sample[name])}</td>
      ${then && html`<td class="num">${format(then.sample[name])}</td><${Delta} of=${then.sample[name] - of.sample[name]} format=${format} />`}</tr>`)}</tbody></table></div>`;
}

function JobTypes({ of, then }) {
  const runs = ({ jobTypes }, name) => (Object.hasOwn(jobTypes, name) ? jobTypes[name] : 0); // a type may be called constructor
  const types = Object.keys({ ...of.jobTypes, ...(then ? then.jobTypes : {}) }).sort();
  return types.length > 0 && html`<details class="above"><summary>${t('snapshot.types', { n: num(types.length) })}</summary><div class="scroll" tabindex="0"><table class="tight">
    <tbody>${types.map((name) => html`<tr key=${name}><td class="mono">${name}</td><td class="num">${num(runs(of, name))}</td>
      ${then && html`<td class="num">${num(runs(then, name))}</td><${Delta} of=${runs(then, name) - runs(of, name)} format=${num} />`}</tr>`)}</tbody></table></div></details>`;
}

/** One snapshot, or how the second differs from the first. */
function View({ ids }) {
  const first = useFetch(PATH + '/' + part(ids[0]));
  const second = useFetch(ids[1] ? PATH + '/' + part(ids[1]) : '');
  const away = () => setQuery({ snapshot: null });
  const close = html`<button class="button" onClick=${away}>${t('close')}</button>`;
  if (!first.data || (ids[1] && !second.data)) {
    return html`<${Card} title=${t('snapshot')} right=${close}><${Loaded} from=${first.data ? second : first}>${() => null}</${Loaded}></${Card}>`;
  }
  const [of, then] = ids[1] && Date.parse(second.data.timestamp) < Date.parse(first.data.timestamp) ? [second.data, first.data] : [first.data, second.data];
  const both = of.histogram && (!then || then.histogram);
  return html`<${Card} title=${t(then ? 'compare' : 'snapshot')} note=${then ? t('compare.of', { a: clock(of.timestamp), b: clock(then.timestamp) }) : clock(of.timestamp)} right=${close}>
    <div class="halves" data-testid="snapshot">
      <div><${Figures} of=${of} then=${then} /><${JobTypes} of=${of} then=${then} /></div>
      <div>${both
        ? then ? html`<${Changed} before=${of.histogram.classes} after=${then.histogram.classes} />` : html`<${Largest} of=${of.histogram.classes} />`
        : html`<p class="note">${t(then ? 'compare.noclasses' : 'snapshot.noclasses')}</p>`}</div>
    </div>
  </${Card}>`;
}

function Row({ of, chosen, choose }) {
  return html`<tr data-snapshot=${of.id}>
    <td><label class="check"><input type="checkbox" checked=${chosen} onChange=${choose} aria-label=${t('compare.choose', { at: clock(of.timestamp) })} /><${When} at=${of.timestamp} /></label></td>
    <td data-label=${t('memory.level')}><${Pill} of=${of.level} /></td>
    <td class="num" data-label=${t('heap')}>${bytes(of.heapUsedBytes)}</td>
    <td class="num" data-label="RSS">${bytes(of.rssBytes)}</td>
    <td data-label=${t('snapshot.classes')}>${of.hasHistogram ? t('yes') : html`<span class="faint">–</span>`}</td>
    <td class="num do"><button class="button plain" onClick=${() => setQuery({ snapshot: of.id }, false)}>${t('open')}</button>
      <a class="button plain" href=${'/api/v1' + PATH + '/' + part(of.id)} download=${'penstock-' + of.id + '.json'}>${t('download')}</a></td>
  </tr>`;
}

/** What was known of memory at one moment, kept to be looked at, laid beside another one, or sent. */
export function Snapshots() {
  const from = useFetch(PATH + '?limit=50', 15000);
  const [chosen, setChosen] = useState([]);
  const [busy, setBusy] = useState(false);
  const ids = (place.value.query.snapshot || '').split(',').filter(Boolean).slice(0, 2);
  const choose = (id) => setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(-2));
  const take = async (histogram) => {
    if (histogram && !(await mayStop())) {
      return;
    }
    setBusy(true);
    await attempt(async () => {
      const made = await post(PATH, { histogram }, { 'Idempotency-Key': crypto.randomUUID() });
      tell(histogram ? t('snapshot.taken.classes', { span: millis(made.histogram.pauseMillis) }) : t('snapshot.taken'));
    });
    setBusy(false);
    from.reload();
  };
  const compare = () => setQuery({ snapshot: chosen.join(',') }, false);
  return html`${ids.length > 0 && html`<${View} key=${ids.join()} ids=${ids} />`}
    <${Card} title=${t('snapshots')} note=${t('snapshots.note')} flush foot=${t('snapshots.foot')}
      right=${html`<button class="button" disabled=${chosen.length < 2} onClick=${compare} data-testid="compare">${t('compare.two')}</button>
        ${may('operate', true) && html`<button class="button" disabled=${busy} onClick=${() => take(true)} data-testid="snapshot-classes">${t('snapshot.take.classes')}</button>
          <button class="button primary" disabled=${busy} onClick=${() => take(false)} data-testid="snapshot-take">${t('snapshot.take')}</button>`}`}>
      <${Loaded} from=${from}>${({ items }) => items.length
        ? html`<table class="stacks"><thead><tr><th>${t('when')}</th><th>${t('memory.level')}</th><th class="num">${t('heap')}</th><th class="num">RSS</th><th>${t('snapshot.classes')}</th><th><span class="sr">${t('actions')}</span></th></tr></thead>
            <tbody>${items.map((each) => html`<${Row} key=${each.id} of=${each} chosen=${chosen.includes(each.id)} choose=${() => choose(each.id)} />`)}</tbody></table>`
        : html`<${Empty} title=${t('snapshots.none')} text=${t('snapshots.none.text')} />`}</${Loaded}>
    </${Card}>`;
}
