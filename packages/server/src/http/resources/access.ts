import type { AuditRow } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { AccessToken, AuditEntry, NewAccessToken } from '../../api-types.ts';
import { SCOPES } from '../../auth/caller.ts';
import type { KnownToken } from '../../auth/token-store.ts';
import { text, timeParameter, wholeNumber } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { accessTokenSchema, auditEntrySchema } from '../schemas.ts';
import { isoTime, isoTimeOrNull } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Access';

function tokenView(token: KnownToken): AccessToken {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope,
    created_at: isoTime(token.createdAtMs),
    last_used_at: isoTimeOrNull(token.lastUsedAtMs),
    revoked_at: isoTimeOrNull(token.revokedAtMs),
  };
}

function auditView(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: isoTime(row.at_ms),
    actor: row.actor,
    action: row.action,
    outcome: row.outcome,
    detail: JSON.parse(row.detail_json) as Record<string, unknown>,
  };
}

export const accessRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/tokens',
    tag: TAG,
    summary: 'Access tokens, never their text',
    scope: 'admin',
    query: strictObject({}),
    answer: z.object({ tokens: z.array(accessTokenSchema), count: z.int() }),
    handle: async (_request, { auth }) => {
      const tokens = (await auth.list()).map(tokenView);
      return { tokens, count: tokens.length };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/tokens',
    tag: TAG,
    summary: 'Make an access token',
    description: 'Its text is told in this answer only.',
    scope: 'admin',
    body: strictObject({ name: z.string().trim().min(1).max(100), scope: z.enum(SCOPES) }),
    successStatus: 201,
    audit: 'token.create',
    handle: async ({ body }, { auth }): Promise<NewAccessToken> => {
      const made = await auth.tokens.create(body);
      return { ...tokenView(made.token), token: made.text };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/tokens/:id',
    tag: TAG,
    summary: 'Revoke an access token',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    answer: accessTokenSchema,
    audit: 'token.revoke',
    handle: async ({ params }, { auth }) => tokenView(await auth.tokens.revoke(params.id)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/audit',
    tag: TAG,
    summary: 'Changes and refusals, newest first',
    scope: 'admin',
    query: strictObject({ limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }), before: text() }),
    answer: z.object({ entries: z.array(auditEntrySchema), count: z.int() }),
    handle: async ({ query }, { audit }) => {
      const beforeMs = query.before === undefined ? undefined : timeParameter('before', query.before, 0);
      const entries = (await audit.recent({ limit: query.limit, beforeMs })).map(auditView);
      return { entries, count: entries.length };
    },
  }),
  route({
    method: 'POST',
    path: '/-/reload',
    tag: TAG,
    summary: 'Read configuration files again',
    scope: 'admin',
    body: strictObject({}).optional(),
    audit: 'configuration.reload',
    handle: async (_request, { reload }) => {
      await reload();
      return 'Configuration read again';
    },
  }),
];
