import { html } from '../lib/html.js';
import { t, language } from '../lib/i18n.js';
import { place, setQuery } from '../lib/router.js';
import { mayWrite, part, query } from '../lib/api.js';
import { useLive } from '../lib/live.js';
import { useFetch } from '../lib/fetching.js';
import { HERE, num, until, zoned } from '../lib/format.js';
import { Card, Empty, Failed, When } from '../parts/bits.js';
import { State } from '../parts/shapes.js';
import { ScheduleForm } from '../parts/scheduleform.js';
import { schedule } from '../parts/scheduleacts.js';

export const words = (each) => each.descriptions[language.value === 'zh-CN' ? 'zh' : 'en'] || each.description;
export const rhythm = (each) => each.cron || (each.every ? t('schedule.every', { span: each.every }) : t('schedule.delay', { span: each.fixedDelay }));

function Next({ of }) {
  if (of.status !== 'active') {
    return html`<span class="faint">–</span>`;
  }
  if (!of.nextAt) {
    return html`<span class="faint">${t('schedule.afterend')}</span>`;
  }
  return html`<strong>${until(of.nextAt)}</strong><span class="under">${zoned(of.nextAt)}${of.zone !== HERE && html`<br />${zoned(of.nextAt, of.zone)} ${of.zone}`}</span>`;
}

function Last({ of }) {
  if (!of.lastRun) {
    return html`<span class="faint">${t('schedule.never')}</span>`;
  }
  const state = of.lastState ? html`<${State} of=${of.lastState} />` : html`<span class="faint">${t('schedule.forgotten')}</span>`;
  return html`<a class="quiet" href=${'/jobs/' + part(of.lastJob)}>${state}</a><span class="under"><${When} at=${of.lastRun} /></span>`;
}

function Row({ of }) {
  return html`<tr data-schedule=${of.id}>
    <td data-label=${t('schedule')}><a href=${'/schedules/' + part(of.id)}><strong>${of.id}</strong></a> ${of.origin === 'code' && html`<span class="pill" title=${t('schedule.code.text', { by: of.definedBy })}>${t('schedule.code')}</span>`}
      <span class="under"><${State} of=${of.status} /></span></td>
    <td class="wrap" data-label=${t('when')}>${words(of)}<span class="under mono">${rhythm(of)}</span>
      ${of.problem && html`<span class="under bad">${of.problem}</span>`}</td>
    <td data-label=${t('schedule.next')}><${Next} of=${of} /></td>
    <td data-label=${t('schedule.last')}><${Last} of=${of} /></td>
    <td data-label=${t('job')}><span class="mono">${of.job.type}</span><span class="under"><a href=${'/queues/' + part(of.job.queue)}>${of.job.queue}</a></span></td>
    <td class="num do">${mayWrite() && html`<button class="button" onClick=${() => schedule.run(of.id)}>${t('schedule.run')}<span class="sr"> ${of.id}</span></button>
      ${of.status !== 'ended' && html`<button class="button" onClick=${() => schedule.toggle(of)}>${t(of.status === 'active' ? 'pause' : 'resume')}<span class="sr"> ${of.id}</span></button>`}`}</td>
  </tr>`;
}

/** What runs again and again, and when it does next. */
export default function SchedulesPage() {
  const { find = '', status = '', cursor, new: making } = place.value.query;
  const [live] = useLive('schedules');
  const first = useFetch('/schedules' + query({ cursor, limit: 50 }), cursor ? 10000 : 0);
  const now = cursor ? first.data : live || first.data;
  if (!now) {
    return first.error ? html`<${Failed} error=${first.error} reload=${first.reload} />` : html`<div class="skeleton">${t('loading')}</div>`;
  }
  const text = find.toLowerCase();
  const found = now.items.filter((each) => (!status || each.status === status) && (!text || (each.id + each.job.type + each.job.queue).toLowerCase().includes(text)));
  const opened = making !== undefined;
  return html`
    <div class="title"><h1>${t('page.schedules')}</h1><span class="note">${num(now.items.length)}${now.next ? '+' : ''}</span>
      <div class="right filters">
        <input type="search" aria-label=${t('filter.name')} placeholder=${t('filter.name')} value=${find} onInput=${(event) => setQuery({ find: event.target.value })} />
        <select aria-label=${t('status')} value=${status} onChange=${(event) => setQuery({ status: event.target.value })}>
          <option value="">${t('status.any')}</option>
          ${['active', 'paused', 'ended'].map((each) => html`<option value=${each} selected=${each === status}>${t('word.' + each)}</option>`)}
        </select>
        ${mayWrite() && !opened && html`<button class="button primary" data-testid="new-schedule" onClick=${() => setQuery({ new: '1' }, false)}>${t('schedule.new')}</button>`}
      </div>
    </div>
    ${opened && mayWrite() && html`<${ScheduleForm} close=${() => setQuery({ new: null })} />`}
    <${Card} flush foot=${now.items.length > 0 && t('schedules.note', { zone: HERE })}>
      ${found.length
        ? html`<table class="stacks"><thead><tr><th>${t('schedule')}</th><th>${t('when')}</th><th>${t('schedule.next')}</th><th>${t('schedule.last')}</th><th>${t('job')}</th><th><span class="sr">${t('actions')}</span></th></tr></thead>
            <tbody>${found.map((each) => html`<${Row} key=${each.id} of=${each} />`)}</tbody></table>`
        : now.items.length
          ? html`<${Empty} title=${t('filter.nothing')} text=${t('filter.nothing.text')} />`
          : html`<${Empty} title=${t('schedules.none')} text=${t('schedules.none.text')} code='penstock schedule set nightly --cron "30 2 * * *" --type demo.echo --queue reports' />`}
    </${Card}>
    ${(cursor || now.next) && html`<div class="title">
      ${cursor && html`<button class="button" onClick=${() => history.back()}>${t('page.back')}</button>`}
      ${now.next && html`<button class="button" onClick=${() => setQuery({ cursor: now.next }, false)}>${t('page.next')}</button>`}</div>`}`;
}
