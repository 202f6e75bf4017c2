import { html, useEffect, useRef } from '../lib/html.js';
import uPlot from '../vendor/uplot.js';
import { colour, colours } from '../lib/theme.js';
import { language } from '../lib/i18n.js';

const dim = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

/** Steps of bytes that read as round numbers. */
const BINARY = Array.from({ length: 44 }, (none, i) => 2 ** i);

function options(series, width, height, format, max, binary) {
  const grid = { stroke: colour('line'), width: 1 };
  const axis = { stroke: colour('ink-faint'), grid, ticks: { show: false }, font: '11px ' + colour('font'), size: 28 };
  return {
    width,
    height,
    legend: { show: series.length > 1, live: true },
    cursor: { points: { size: 6 }, y: false },
    padding: [8, 12, 0, 0],
    scales: { y: { range: (plot, low, high) => [0, max ? Math.max(max, high) : high > 0 ? high * 1.15 : 1] } },
    axes: [
      { ...axis, values: (plot, ticks) => ticks.map(time), space: 70 },
      { ...axis, size: 64, incrs: binary ? BINARY : undefined, values: (plot, ticks) => ticks.map(format), space: 34 },
    ],
    series: [
      { value: (plot, seconds) => (seconds === null ? '' : time(seconds)) },
      ...series.map((each) => ({
        label: each.label,
        stroke: colour(each.colour),
        fill: each.fill ? dim(colour(each.colour), 0.14) : undefined,
        width: 1.6,
        dash: each.dash,
        points: { show: false },
        spanGaps: false,
        value: (plot, value) => format(value),
      })),
    ],
  };
}

function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language.value, { hour: '2-digit', minute: '2-digit', hour12: false });
}

/**
 * Lines over time. data = [seconds, values, …]; series = [{label, colour, fill, dash}]; max = the least top of the scale.
 * summary says in words what there is to see, for who does not see it.
 */
export function Chart({ data, series, format, height = 190, max = 0, binary = false, summary }) {
  const holder = useRef(null);
  const plot = useRef(null);
  const key = series.map((each) => each.label + each.colour).join() + colours.value + height + Math.round(max) + language.value;
  useEffect(() => {
    const box = holder.current;
    if (!box) {
      return undefined; // it was gone before it was drawn
    }
    const width = () => Math.max(120, box.clientWidth);
    const drawn = new uPlot(options(series, width(), height, format, max, binary), data, box);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: width(), height }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [key]);
  useEffect(() => {
    if (plot.current) {
      plot.current.setData(data);
    }
  }, [data]);
  return html`<div class="chart" ref=${holder} role="img" aria-label=${summary}></div>`;
}

/** Brings answers of /monitoring/series onto common times; between two points that are close the line is straight. */
export function columns(answers) {
  const times = [...new Set(answers.flatMap((each) => each.points.map((point) => Date.parse(point.timestamp))))].sort((a, b) => a - b);
  return [times.map((time) => time / 1000), ...answers.map((each) => along(times, each))];
}

function along(times, { points }) {
  const at = points.map((point) => Date.parse(point.timestamp));
  const gaps = at.slice(1).map((each, k) => each - at[k]).sort((a, b) => a - b);
  const near = 3 * (gaps[gaps.length >> 1] || 0); // further apart than usual there was nothing to measure
  let i = 0;
  return times.map((time) => {
    while (i < at.length && at[i] < time) {
      i++;
    }
    if (at[i] === time) {
      return points[i].avg;
    }
    const [before, after] = [points[i - 1], points[i]];
    const gap = before && after && at[i] - at[i - 1] <= near && before.avg !== null && after.avg !== null;
    return gap ? before.avg + ((after.avg - before.avg) * (time - at[i - 1])) / (at[i] - at[i - 1]) : null;
  });
}
