import type { Auth } from '../auth/auth.ts';
import { hasScope, type Caller } from '../auth/caller.ts';
import type { Scope } from '../api-types.ts';
import { isSameOrigin, readCookie, sessionCookieName } from '../auth/session-cookie.ts';
import { ApiProblem } from './problem.ts';

const CHALLENGE = { 'www-authenticate': 'Bearer realm="bellwether"' };

/**
 * Whose request this is.
 * @throws ApiProblem `token_missing` | `token_invalid`
 */
export async function authenticate(request: Request, auth: Auth): Promise<Caller> {
  const header = request.headers.get('authorization');
  const session = readCookie(request.headers.get('cookie'), sessionCookieName(new URL(request.url)));
  if (header === null && session === undefined)
    throw new ApiProblem('token_missing', 'This route needs an access token.', { headers: CHALLENGE });
  const bearer = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  const caller = header === null ? await auth.bySession(session ?? '') : bearer === undefined ? undefined : await auth.byToken(bearer);
  if (caller !== undefined) return caller;
  throw new ApiProblem('token_invalid', 'The access token is not valid.', { headers: CHALLENGE });
}

/** @throws ApiProblem `scope_insufficient` */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!hasScope(caller, scope))
    throw new ApiProblem('scope_insufficient', `This needs the scope ${scope}; the token "${caller.name}" has ${caller.scope}.`);
}

/** A browser sends its session along with requests that other sites make: changes must come from our own page. @throws ApiProblem `origin_refused` */
export function requireOwnOrigin(request: Request, caller: Caller): void {
  if (caller.via !== 'session' || request.method === 'GET' || request.method === 'HEAD') return;
  if (isSameOrigin(request, new URL(request.url))) return;
  throw new ApiProblem('origin_refused', 'This change did not come from the page of this server.');
}
