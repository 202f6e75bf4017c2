import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { place } from '../lib/router.js';
import { useFetch } from '../lib/fetching.js';
import { Card, Empty, Loaded } from '../parts/bits.js';

const MOST_COLUMNS = 7;

const cell = (value) => (value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** What a route lists, as it lists it: for parts that have a route and no page of their own yet. */
export default function PlainPage() {
  const name = place.value.path[0];
  const from = useFetch('/' + name + '?limit=100', 5000);
  return html`
    <div class="title"><h1>${t('page.' + name)}</h1></div>
    <${Card} flush><${Loaded} from=${from}>${({ items }) => {
      const columns = items.length ? Object.keys(items[0]).slice(0, MOST_COLUMNS) : [];
      return items.length
        ? html`<table><thead><tr>${columns.map((each) => html`<th key=${each}>${each}</th>`)}</tr></thead>
            <tbody>${items.map((each, i) => html`<tr key=${each.id || i}>${columns.map((column) => html`<td class="cut" key=${column}>${cell(each[column])}</td>`)}</tr>`)}</tbody></table>`
        : html`<${Empty} title=${t('list.none')} />`;
    }}</${Loaded}></${Card}>`;
}
