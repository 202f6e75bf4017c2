/** Boxes of one layer that are drawn; the rest is "n more". */
const MOST_IN_LAYER = 7;

/** Layers that are drawn, around where the work is. */
const MOST_LAYERS = 12;

/** Who is looked for is drawn first. */
const URGENCY = { failed: 0, active: 1, cancelled: 2, blocked: 3, completed: 4 };

/** Each node one layer behind the last that it needs, and what undoes one behind that. */
function layersOf(nodes) {
  const layer = new Map();
  const layers = [];
  const put = (at, box) => (layers[at] = layers[at] || []).push(box);
  nodes.filter((node) => !node.undoes).forEach((node) => {
    // the server lists each node behind those it needs
    layer.set(node.name, node.needs.reduce((most, name) => Math.max(most, (layer.get(name) ?? -1) + 1), 0));
    put(layer.get(node.name), { key: node.name, node, from: node.needs });
  });
  nodes.filter((node) => node.undoes).forEach((node) => put(layer.get(node.undoes) + 1, { key: 'undo ' + node.undoes, node, from: [node.undoes], undo: true }));
  return layers;
}

/** Puts each box near those that it comes from, so that few lines cross. */
function order(layers) {
  layers.forEach((layer, i) => {
    if (i) {
      const rank = new Map(layers[i - 1].map((box, k) => [box.key, k / layers[i - 1].length]));
      const mean = (box) => {
        const known = box.from.filter((name) => rank.has(name));
        return known.length ? known.reduce((sum, name) => sum + rank.get(name), 0) / known.length : 0.5;
      };
      layer.forEach((box) => { box.mean = mean(box); });
      layer.sort((a, b) => a.mean - b.mean);
    }
  });
}

function thin(layer, i) {
  if (layer.length <= MOST_IN_LAYER) {
    return layer;
  }
  const chosen = new Set([...layer].sort((a, b) => (URGENCY[a.node.state] ?? 5) - (URGENCY[b.node.state] ?? 5)).slice(0, MOST_IN_LAYER - 1));
  const hidden = layer.filter((box) => !chosen.has(box));
  return [...layer.filter((box) => chosen.has(box)), { key: 'more ' + i, more: hidden.length, from: [...new Set(hidden.flatMap((box) => box.from))], hides: hidden.map((box) => box.key) }];
}

/** The layers around the first that has work left. */
function around(layers) {
  if (layers.length <= MOST_LAYERS) {
    return { drawn: layers, before: 0, after: 0 };
  }
  const front = layers.findIndex((layer) => layer.some((box) => box.node.state !== 'completed'));
  const from = Math.max(0, Math.min(layers.length - MOST_LAYERS, (front < 0 ? layers.length : front) - 3));
  return { drawn: layers.slice(from, from + MOST_LAYERS), before: from, after: layers.length - from - MOST_LAYERS };
}

/**
 * Where the boxes of a flow stand, at most 7 × 12 of them, and the lines between. Across = layers go to the right, else down.
 * Answers {boxes: [{key, x, y, node | more}], lines: [{from, to, done, undo}], width, height, before, after}.
 */
export function place(nodes, across, size) {
  const all = layersOf(nodes);
  order(all);
  const { drawn, before, after } = around(all);
  const thinned = drawn.map(thin);
  const widest = Math.max(1, ...thinned.map((layer) => layer.length));
  const step = across ? { x: size.width + size.along, y: size.height + size.between } : { x: size.width + size.between, y: size.height + size.along };
  const boxes = [];
  const at = new Map();
  thinned.forEach((layer, i) => layer.forEach((box, k) => {
    const offset = k + (widest - layer.length) / 2;
    const placed = { ...box, x: (across ? i : offset) * step.x, y: (across ? offset : i) * step.y };
    boxes.push(placed);
    at.set(box.key, placed);
    (box.hides || []).forEach((key) => at.set(key, placed));
  }));
  const lines = new Map();
  boxes.forEach((to) => to.from.forEach((name) => {
    const from = at.get(name);
    if (from && from !== to) {
      lines.set(from.key + '>' + to.key, { key: from.key + '>' + to.key, from, to, done: Boolean(from.node && from.node.state === 'completed'), undo: to.undo });
    }
  }));
  const wide = across ? thinned.length : widest;
  const high = across ? widest : thinned.length;
  return { boxes, lines: [...lines.values()], width: wide * step.x - (step.x - size.width), height: high * step.y - (step.y - size.height), before, after };
}
