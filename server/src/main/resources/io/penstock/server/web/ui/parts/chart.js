import { html, useEffect, useRef } from '../lib/html.js';
import uPlot from '../vendor/uplot.js';
import { colour, colours } from '../lib/theme.js';
import { language } from '../lib/i18n.js';

const dim = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

/** Steps of bytes that read as round numbers. */
const BINARY = Array.from({ length: 44 }, (none, i) => 2 ** i);

/** Upright lines where something was done; each = seconds. */
function draw(marks) {
  return (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colour('accent');
    ctx.fillStyle = colour('accent');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    marks.current.filter((at) => at >= plot.scales.x.min && at <= plot.scales.x.max).forEach((at) => {
      const x = Math.round(plot.valToPos(at, 'x', true));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, bbox.top, 3.5 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    });
    ctx.restore();
  };
}

function options(series, width, height, format, max, binary, marks) {
  const grid = { stroke: colour('line'), width: 1 };
  const axis = { stroke: colour('ink-faint'), grid, ticks: { show: false }, font: '11px ' + colour('font'), size: 28 };
  return {
    width,
    height,
    legend: { show: series.length > 1, live: true, markers: { width: 0, fill: (plot, i) => colour(series[i - 1].colour) } },
    cursor: { points: { size: 6 }, y: false },
    padding: [8, 28, 0, 0],
    hooks: { draw: [draw(marks)] },
    scales: { y: { range: (plot, low, high) => [0, max ? Math.max(max, high) : high > 0 ? high * 1.15 : 1] } },
    axes: [
      { ...axis, values: (plot, ticks) => ticks.map((at) => time(at, ticks.length > 1 && ticks[1] - ticks[0] < 60)), space: 70 },
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

function time(seconds, exact = false) {
  return new Date(seconds * 1000).toLocaleTimeString(language.value, { hour: '2-digit', minute: '2-digit', second: exact ? '2-digit' : undefined, hour12: false });
}

/**
 * Lines over time. data = [seconds, values, …]; series = [{label, colour, fill, dash}]; max = the least top of the scale.
 * summary says in words what there is to see, for who does not see it; marks = seconds at which something was done.
 */
export function Chart({ data, series, format, height = 190, max = 0, binary = false, summary, marks = [] }) {
  const marked = useRef(marks);
  marked.current = marks;
  const holder = useRef(null);
  const plot = useRef(null);
  const key = series.map((each) => each.label + each.colour).join() + colours.value + height + Math.round(max) + language.value;
  useEffect(() => {
    const box = holder.current;
    if (!box) {
      return undefined; // it was gone before it was drawn
    }
    const width = () => Math.max(120, box.clientWidth);
    const drawn = new uPlot(options(series, width(), height, format, max, binary, marked), data, box);
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
