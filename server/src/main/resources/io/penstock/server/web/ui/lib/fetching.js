import { useEffect, useRef, useState } from './html.js';
import { ask } from './api.js';
import { paused } from './live.js';

/** Milliseconds after which what was away is asked again. */
const AGAIN = 4000;

const away = (error) => error instanceof TypeError || error.status === 503;

/**
 * Asks for something now, again when the path changes, and every so many milliseconds while the tab is seen.
 * Answers {data, etag, error, loading, reload}; what was there stays until the new is here, and what could not be had because the server
 * or Redis is away is asked for again until it is back.
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
    if (!state.error || !away(state.error) || every) {
      return undefined;
    }
    const timer = setTimeout(reload, AGAIN);
    return () => clearTimeout(timer);
  }, [state.error]);
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
