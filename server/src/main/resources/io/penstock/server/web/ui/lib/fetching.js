import { useEffect, useRef, useState } from './html.js';
import { ask } from './api.js';
import { paused } from './live.js';

/**
 * Asks for something now, again when the path changes, and every so many milliseconds while the tab is seen.
 * Answers {data, etag, error, loading, reload}; what was there stays until the new is here.
 */
export function useFetch(path, every = 0) {
  const [state, setState] = useState({ path: '', data: null, error: null, loading: true });
  const turn = useRef(0);
  const reload = async () => {
    const mine = ++turn.current;
    if (!path) {
      return;
    }
    try {
      const { data, etag } = await ask('GET', path);
      if (mine === turn.current) {
        setState({ path, data, etag, error: null, loading: false });
      }
    } catch (error) {
      if (mine === turn.current) {
        setState((before) => ({ ...before, path, data: before.path === path ? before.data : null, error, loading: false }));
      }
    }
  };
  useEffect(() => {
    setState((before) => (before.path === path ? before : { path, data: null, error: null, loading: true }));
    reload();
    const timer = every
      ? setInterval(() => {
          if (document.visibilityState === 'visible' && !paused.value) {
            reload();
          }
        }, every)
      : 0;
    return () => {
      turn.current++;
      clearInterval(timer);
    };
  }, [path, every]);
  const shown = state.path === path ? state : { data: null, error: null, loading: true };
  return { ...shown, reload };
}
