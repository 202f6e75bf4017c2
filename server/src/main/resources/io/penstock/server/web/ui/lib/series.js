import { useEffect, useState } from './html.js';
import { get, query } from './api.js';

/** Milliseconds between two looks: as often as the server measures queues. */
const EVERY = 10000;

/** Metrics that were seen to have a past; a queue has one only some seconds after it was made, and not every queue. */
const known = new Set();

/** The past of a metric; no points while there is none, without a refusal in the console. */
async function series(metric, from, points) {
  try {
    if (!known.has(metric)) {
      const page = await get('/monitoring/series' + query({ prefix: metric, limit: 1 }));
      if (!page.items.some((each) => each.metric === metric)) {
        return { points: [] };
      }
      known.add(metric);
    }
    return await get('/monitoring/series/' + metric + query({ from, points }));
  } catch (away) {
    known.delete(metric);
    return { points: [] };
  }
}

/**
 * The past of some metrics on common times, read again while the tab is seen. Answers what was read last and of which metrics:
 * until the first answer to another wish is here that is the old, and not `fresh`.
 */
export function usePast(metrics, from, points) {
  const key = metrics.join() + from;
  const [state, setState] = useState({ key: '', data: null, metrics: [] });
  useEffect(() => {
    let over = false;
    const read = async () => {
      const all = await Promise.all(metrics.map((metric) => series(metric, from, points)));
      if (!over) {
        setState({ key, data: columns(all), metrics });
      }
    };
    if (metrics.length) {
      read();
    }
    const timer = setInterval(() => document.visibilityState === 'visible' && read(), EVERY);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [key]);
  return { ...state, fresh: state.key === key };
}

/** Brings answers of /monitoring/series onto common times; between two points that are close the line is straight. */
function columns(answers) {
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
