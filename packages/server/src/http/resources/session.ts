import { z } from 'zod';
import type { Session } from '../../api-types.ts';
import { readCookie, sessionCookie, sessionCookieName } from '../../auth/session-cookie.ts';
import { ApiProblem } from '../problem.ts';
import { route, type ApiContext, type Route } from '../route.ts';
import { sessionSchema } from '../schemas.ts';
import { isoTime } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Session';
const PATH = '/api/v1/session';

function answer(session: Session, context: ApiContext, cookie: string): Response {
  const body = { status: 'success', data: session, timestamp: isoTime(context.engine.clock.nowMs()) };
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json', 'set-cookie': cookie } });
}

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Sign in a browser',
    description: 'Sets a cookie that scripts cannot read and other sites cannot use, so that `EventSource` works.',
    scope: 'public',
    body: strictObject({ token: z.string().max(512) }),
    answer: sessionSchema,
    audit: 'session.open',
    handle: async ({ body, raw }, context) => {
      const session = await context.auth.openSession(body.token.trim());
      if (session === undefined) throw new ApiProblem('token_invalid', 'This token is not known.');
      const { caller, value, expiresAtMs } = session;
      const maxAgeSeconds = Math.floor((expiresAtMs - context.engine.clock.nowMs()) / 1000);
      const cookie = sessionCookie(new URL(raw.url), value, { path: `${context.base}/`, maxAgeSeconds });
      return answer({ scope: caller.scope, name: caller.name, expires_at: isoTime(expiresAtMs) }, context, cookie);
    },
  }),
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Who is signed in',
    scope: 'read',
    query: strictObject({}),
    answer: sessionSchema,
    handle: ({ caller, raw }, { auth }): Session => {
      const value = caller.via === 'session' ? readCookie(raw.headers.get('cookie'), sessionCookieName(new URL(raw.url))) : undefined;
      return { scope: caller.scope, name: caller.name, expires_at: value === undefined ? null : isoTime(auth.sessionEndsAtMs(value)) };
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    tag: TAG,
    summary: 'Sign out',
    scope: 'public',
    handle: ({ raw }, context) =>
      new Response(JSON.stringify({ status: 'success', message: 'Signed out', timestamp: isoTime(context.engine.clock.nowMs()) }), {
        headers: {
          'content-type': 'application/json',
          'set-cookie': sessionCookie(new URL(raw.url), '', { path: `${context.base}/`, maxAgeSeconds: 0 }),
        },
      }),
  }),
];
