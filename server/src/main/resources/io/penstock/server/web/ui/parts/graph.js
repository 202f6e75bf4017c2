import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { go } from '../lib/router.js';
import { part, query } from '../lib/api.js';
import { num } from '../lib/format.js';
import { place } from './layers.js';
import { Shape } from './shapes.js';

const WIDE = { width: 176, height: 46, along: 46, between: 14 };

/** So much smaller than it is drawn it may be shown, so that it need not be moved to be seen. */
const LEAST_SCALE = 0.72;
const NARROW = { width: 138, height: 46, along: 34, between: 10 };

/** Characters that fit into a box beside the shape: 8.4 px each at 13 px and bold, and room before the edge. */
const fit = (text, width) => {
  const most = Math.floor((width - 46) / 8.4);
  return text.length > most ? text.slice(0, most - 1) + '…' : text;
};

function curve({ from, to }, across, size) {
  const [x1, y1] = across ? [from.x + size.width, from.y + size.height / 2] : [from.x + size.width / 2, from.y + size.height];
  const [x2, y2] = across ? [to.x, to.y + size.height / 2] : [to.x + size.width / 2, to.y];
  const bend = (across ? x2 - x1 : y2 - y1) / 2;
  return across
    ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 5} ${y2}`
    : `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 5}`;
}

function Box({ of, size, open, flow }) {
  const where = `translate(${of.x} ${of.y})`;
  if (of.more) {
    return html`<g class="node more" transform=${where}><a href="#nodes" onClick=${open}><rect width=${size.width} height=${size.height} rx="7" />
      <text x=${size.width / 2} y="28" text-anchor="middle">${t('flow.more', { n: num(of.more) })}</text></a></g>`;
  }
  const { node } = of;
  const href = '/jobs/' + part(node.id) + query({ flow });
  const follow = (event) => {
    if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      go(href);
    }
  };
  return html`<g class=${'node ' + node.state + (of.undo ? ' undo' : '')} transform=${where} data-node=${node.name}>
    <a href=${href} onClick=${follow}>
      <rect width=${size.width} height=${size.height} rx="7"><title>${node.name} · ${node.type} · ${t('word.' + node.state)}</title></rect>
      <svg x="11" y="14" width="18" height="18"><${Shape} of=${node.state} /></svg>
      <text class="name" x="38" y="20">${fit(of.undo ? '↩ ' + node.undoes : node.name, size.width)}</text>
      <text class="type" x="38" y="36">${fit(node.type, size.width)}</text>
    </a></g>`;
}

const narrow = matchMedia('(max-width: 640px)');

/** A flow as it is drawn: who needs whom from left to right, on a phone from top to bottom. */
export function Graph({ nodes, flow, showAll }) {
  const [across, setAcross] = useState(!narrow.matches);
  const holder = useRef(null);
  useEffect(() => {
    const turn = () => setAcross(!narrow.matches);
    narrow.addEventListener('change', turn);
    return () => narrow.removeEventListener('change', turn);
  }, []);
  useEffect(() => {
    const box = holder.current;
    box.scrollLeft = across ? 0 : (box.scrollWidth - box.clientWidth) / 2; // a phone begins in the middle
  }, [across]);
  const size = across ? WIDE : NARROW;
  const drawn = useMemo(() => place(nodes, across, size), [nodes, across]);
  const open = (event) => {
    event.preventDefault();
    showAll();
  };
  const [width, height] = [drawn.width + 4, drawn.height + 4];
  const beside = (n, key) => n > 0 && html`<p class="note">${t(key, { n: num(n) })} <button class="button plain" onClick=${showAll}>${t('flow.list')}</button></p>`;
  return html`<div class="graph" ref=${holder} tabindex="0" role="group" aria-label=${t('flow.graph')}>
    ${beside(drawn.before, 'flow.before')}
    <svg viewBox=${`-2 -2 ${width} ${height}`} width=${width} style=${{ minWidth: width * LEAST_SCALE + 'px' }}>
      <defs><marker id="tip" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path class="tip" d="M0 0L6 3L0 6z" /></marker></defs>
      ${drawn.lines.map((line) => html`<path key=${line.key} class=${'line' + (line.done ? ' done' : '') + (line.undo ? ' undo' : '')} d=${curve(line, across, size)} marker-end="url(#tip)" />`)}
      ${drawn.boxes.map((box) => html`<${Box} key=${box.key} of=${box} size=${size} open=${open} flow=${flow} />`)}
    </svg>
    ${beside(drawn.after, 'flow.after')}
  </div>`;
}
