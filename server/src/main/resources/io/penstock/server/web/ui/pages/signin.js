import { html, useEffect, useState } from '../lib/html.js';
import { knows, t, language, speak, LANGUAGES } from '../lib/i18n.js';
import { get, post, session } from '../lib/api.js';
import { remember, remembered } from '../lib/memory.js';
import { go, place } from '../lib/router.js';
import { Logo } from '../parts/icons.js';

/** The one page without a session: a token, or the code of the link that the first start prints. */
export default function SignInPage({ begin }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const [issuer, setIssuer] = useState('');
  const enter = async (body) => {
    setBusy(true);
    setFault('');
    try {
      session.value = await (body ? post('/sessions', body) : get('/session'));
      remember('signed-in', 'yes');
      if (place.value.path[0] === 'sign-in') {
        go(remembered('wanted') || '/overview', true);
      }
      remember('wanted', '');
      begin();
    } catch (error) {
      setFault(error instanceof TypeError ? t('error.unreachable') : error.status === 401 && body ? t(body.code ? 'signin.link.void' : 'signin.wrong') : error.message);
    }
    setBusy(false);
  };
  useEffect(() => {
    const code = /^#code=([\w-]+)$/.exec(location.hash);
    if (code) {
      history.replaceState(null, '', '/sign-in'); // it is good once: it need not stay in the history
      enter({ code: code[1] });
    }
    const { fault: why, in: by } = place.value.query;
    if (by === 'oidc') {
      enter(); // the issuer's page led here with a session
    } else if (why) {
      setFault(knows('signin.fault.' + why) ? t('signin.fault.' + why) : t('signin.fault.denied'));
    }
    get('/sessions').then((ways) => setIssuer(ways.issuer || ''), () => {});
    document.title = t('signin') + ' · Penstock';
  }, []);
  // the way by the issuer loads this page anew: where it was wanted to be is kept meanwhile; a path of ours, never an address
  const leave = () => remember('wanted', place.value.path[0] === 'sign-in' ? '' : location.pathname + location.search);
  return html`<main class="signin">
    <form class="card" onSubmit=${(event) => { event.preventDefault(); enter({ token }); }}>
      <div class="brand"><${Logo} />Penstock</div>
      <h1>${t('signin')}</h1>
      <div class="field"><label for="token">${t('signin.token')}</label>
        <input id="token" type="password" autocomplete="current-password" required autofocus value=${token} onInput=${(event) => setToken(event.target.value)} /></div>
      ${fault && html`<p class="bad" role="alert">${fault}</p>`}
      <button class="button primary" disabled=${busy}>${busy ? t('loading') : t('signin')}</button>
      ${issuer && html`<a class="button" href="/api/v1/sessions/oidc" target="_self" data-testid="oidc" onClick=${leave}>${t('signin.oidc', { issuer })}</a>`}
      <p class="note">${t('signin.where')} <code>cat ~/.local/share/penstock/token</code></p>
      <select aria-label=${t('language')} value=${language.value} onChange=${(event) => speak(event.target.value)}>
        ${Object.entries(LANGUAGES).map(([code, name]) => html`<option key=${code} value=${code} selected=${code === language.value}>${name}</option>`)}
      </select>
    </form>
  </main>`;
}
