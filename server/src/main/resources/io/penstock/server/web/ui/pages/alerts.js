import { html, useEffect } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, part, post } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { attempt } from '../lib/ui.js';
import { num } from '../lib/format.js';
import { Card, Empty, Loaded, Pill, When } from '../parts/bits.js';
import { Rules } from '../parts/rules.js';
import { Channels } from '../parts/channels.js';

function Alert({ alert, reload }) {
  const path = '/alerts/' + part(alert.id);
  const then = (work, done, undo) => async () => (await attempt(work, done, undo)) && reload();
  const unsilence = () => attempt(() => post(path + ':silence', { for: '0s' }).then(reload), t('done.unsilenced'));
  const silence = (span) => span && attempt(() => post(path + ':silence', { for: span }).then(reload), t('done.silenced.for', { span: t('silence.' + span) }), unsilence);
  const over = Boolean(alert.resolvedAt);
  return html`<li class="group" data-alert=${alert.id}>
    <div class="count"><${Pill} of=${alert.severity} /></div>
    <div class="what">
      <strong>${alert.rule}</strong><span>${alert.reason}</span>
      <span class="faint"><span class="mono">${alert.metric}</span> · ${t('alert.value', { value: num(alert.value, 3), threshold: num(alert.threshold, 3) })} · <${When} at=${alert.since} />
        ${alert.process && html` · ${alert.process}`}</span>
    </div>
    <div class="do">
      <${Pill} of=${over ? 'resolved' : alert.state} />
      ${alert.acknowledgedAt && html`<${Pill} of="acknowledged" />`}
      ${alert.silencedUntil && html`<span class="pill">${t('alert.silenced')} <${When} at=${alert.silencedUntil} /></span>`}
      ${mayWrite() && !over && html`
        ${!alert.acknowledgedAt && html`<button class="button" onClick=${then(() => post(path + ':ack'), t('done.acked'))}>${t('alert.ack')}</button>`}
        ${alert.silencedUntil
          ? html`<button class="button" onClick=${unsilence}>${t('alert.unsilence')}</button>`
          : html`<select class="silence" aria-label=${t('alert.silence.for')} value="" onChange=${(event) => silence(event.target.value)}>
              <option value="">${t('alert.silence.for')}</option>${SILENCES.map((each) => html`<option value=${each}>${t('silence.' + each)}</option>`)}</select>`}`}
    </div>
  </li>`;
}

/** How long nobody is told of an alert. */
const SILENCES = ['1h', '4h', '1d', '7d'];

const TABS = ['active', 'silenced', 'past', 'rules', 'channels'];

function List({ tab }) {
  const past = tab === 'past';
  const [heard] = useLive('alerts');
  const from = useFetch('/alerts?limit=100' + (past ? '&state=resolved' : ''), past ? 15000 : 0);
  useEffect(() => {
    if (heard) {
      from.reload(); // the first page of it was told; the rest is asked for only when that changes
    }
  }, [heard && JSON.stringify(heard.items.map((each) => [each.id, each.state, each.silencedUntil, each.acknowledgedAt]))]);
  return html`<${Card} flush><${Loaded} from=${from}>${({ items }) => {
    const shown = past ? items : items.filter((each) => Boolean(each.silencedUntil) === (tab === 'silenced'));
    return shown.length
      ? html`<ul class="groups">${shown.map((each) => html`<${Alert} key=${each.id + each.since} alert=${each} reload=${from.reload} />`)}</ul>`
      : html`<${Empty} title=${t(tab === 'active' ? 'alerts.none' : 'alerts.' + tab + '.none')} text=${t(tab === 'silenced' ? 'alerts.silenced.text' : 'alerts.none.text')} />`;
  }}</${Loaded}></${Card}>`;
}

/** What is wrong, when it is said, and to whom. */
export default function AlertsPage() {
  const { tab: asked } = place.value.query;
  const tab = TABS.includes(asked) ? asked : TABS[0];
  return html`
    <div class="title"><h1>${t('page.alerts')}</h1></div>
    <div class="tabs" role="tablist">${TABS.map((each) => html`<button key=${each} role="tab" aria-selected=${String(each === tab)} onClick=${() => setQuery({ tab: each === 'active' ? null : each })}>${t('alerts.' + each)}</button>`)}</div>
    ${tab === 'rules' ? html`<${Rules} />` : tab === 'channels' ? html`<${Channels} />` : html`<${List} key=${tab} tab=${tab} />`}`;
}
