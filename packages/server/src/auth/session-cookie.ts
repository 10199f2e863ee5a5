/**
 * Name of the session's cookie. Browsers share cookies among all ports of a host, and two Bellwethers on one machine are usual, so the
 * port is part of the name.
 */
export function sessionCookieName(url: URL): string {
  return `bellwether_session_${url.port === '' ? url.protocol.replace(':', '') : url.port}`;
}

/** The value of a cookie, `undefined` when it was not sent. */
export function readCookie(header: string | null, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const cut = part.indexOf('=');
    if (cut > 0 && part.slice(0, cut).trim() === name) return part.slice(cut + 1).trim();
  }
  return undefined;
}

/** @param maxAgeSeconds 0 removes the cookie. */
export function sessionCookie(url: URL, value: string, options: { readonly path: string; readonly maxAgeSeconds: number }): string {
  const secure = url.protocol === 'https:' ? '; Secure' : '';
  return `${sessionCookieName(url)}=${value}; Path=${options.path}; Max-Age=${options.maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

/**
 * Whether a request that changes something comes from the page itself. Browsers say so truthfully: `Sec-Fetch-Site` in all current ones,
 * `Origin` in the rest. One that says neither is refused.
 */
export function isSameOrigin(request: Request, url: URL): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  return origin !== null && URL.canParse(origin) && new URL(origin).host === url.host;
}
