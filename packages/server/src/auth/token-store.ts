import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BellwetherError, type Clock, type IdSource, type StateStore, type TokenRow } from '@bellwether/monitor/engine';
import type { Scope } from '../api-types.ts';
import { SCOPES } from './caller.ts';

/** A token as it is known: never the token itself. */
export interface KnownToken {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly sha256: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

/** 24 random bytes as text: too many to guess, recognisable in a leak by its prefix. */
export function newTokenText(): string {
  return `bw_${randomBytes(24).toString('base64url')}`;
}

export function sha256Of(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

function equalHashes(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** How long an answer of the table is believed: a token revoked through another server may live on that long. */
const MEMORY_MS = 2000;
/** "Last used" is written at most this often. */
const TOUCH_MS = 60_000;
const LONGEST_NAME = 100;

/**
 * Access tokens, kept as SHA-256 only: whoever reads the state learns no token. They are random, so a plain hash needs no salt. Looking one up
 * goes by its hash, whose bits an attacker cannot steer; the comparison takes constant time all the same.
 */
export class TokenStore {
  readonly #state: StateStore;
  readonly #clock: Clock;
  readonly #ids: IdSource;
  readonly #remembered = new Map<string, { readonly token: KnownToken; readonly atMs: number }>();

  constructor(parts: { readonly state: StateStore; readonly clock: Clock; readonly ids: IdSource }) {
    this.#state = parts.state;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** The token if it is known and not revoked. Notes when it was last used. */
  async find(text: string): Promise<KnownToken | undefined> {
    const sha256 = sha256Of(text);
    const nowMs = this.#clock.nowMs();
    const remembered = this.#remembered.get(sha256);
    if (remembered !== undefined && Math.abs(nowMs - remembered.atMs) < MEMORY_MS) return remembered.token;
    const row = await this.#state.db
      .selectFrom('tokens')
      .selectAll()
      .where('sha256', '=', sha256)
      .where('revoked_at_ms', 'is', null)
      .executeTakeFirst();
    this.#remembered.delete(sha256);
    if (row === undefined || !equalHashes(row.sha256, sha256)) return undefined;
    const token = known(row);
    this.#remembered.set(sha256, { token, atMs: nowMs });
    await this.#touch(token, nowMs);
    return token;
  }

  async byId(id: string): Promise<KnownToken | undefined> {
    const row = await this.#state.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : known(row);
  }

  /** Newest first, revoked ones included. */
  async list(): Promise<readonly KnownToken[]> {
    const rows = await this.#state.db.selectFrom('tokens').selectAll().orderBy('created_at_ms', 'desc').execute();
    return rows.map(known);
  }

  /** Makes a token; its text is told only here. @throws {RangeError} for an empty or overlong name or an unknown scope. */
  async create(options: {
    readonly name: string;
    readonly scope: Scope;
    readonly text?: string;
  }): Promise<{ token: KnownToken; text: string }> {
    const { name, scope, text = newTokenText() } = options;
    if (name.trim() === '' || name.length > LONGEST_NAME) throw new RangeError(`A token's name has 1 to ${LONGEST_NAME} characters`);
    if (!SCOPES.includes(scope)) throw new RangeError(`A token's scope is one of ${SCOPES.join(', ')}`);
    const row: TokenRow = {
      id: this.#ids(),
      sha256: sha256Of(text),
      name,
      scope,
      created_at_ms: this.#clock.nowMs(),
      last_used_at_ms: null,
      revoked_at_ms: null,
    };
    await this.#state.transaction((tx) => tx.insertInto('tokens').values(row).execute());
    return { token: known(row), text };
  }

  /** @throws BellwetherError `state_not_found` when there is none, or it was revoked before. */
  async revoke(id: string): Promise<KnownToken> {
    const atMs = this.#clock.nowMs();
    const row = await this.#state.transaction(async (tx) => {
      const found = await tx.selectFrom('tokens').selectAll().where('id', '=', id).where('revoked_at_ms', 'is', null).executeTakeFirst();
      if (found !== undefined) await tx.updateTable('tokens').set({ revoked_at_ms: atMs }).where('id', '=', id).execute();
      return found;
    });
    this.#remembered.clear();
    if (row === undefined) throw new BellwetherError('state_not_found', `There is no active token with the id ${id.slice(0, 80)}`);
    return known({ ...row, revoked_at_ms: atMs });
  }

  /** Whether anybody holds a working administrator token. */
  async hasAdministrator(): Promise<boolean> {
    return (await this.list()).some((token) => token.scope === 'admin' && token.revokedAtMs === undefined);
  }

  async #touch(token: KnownToken, nowMs: number): Promise<void> {
    if (token.lastUsedAtMs !== undefined && nowMs - token.lastUsedAtMs < TOUCH_MS) return;
    await this.#state.transaction((tx) => tx.updateTable('tokens').set({ last_used_at_ms: nowMs }).where('id', '=', token.id).execute());
  }
}

function known(row: TokenRow): KnownToken {
  return {
    id: row.id,
    name: row.name,
    scope: SCOPES.find((scope) => scope === row.scope) ?? 'read',
    sha256: row.sha256,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms ?? undefined,
    revokedAtMs: row.revoked_at_ms ?? undefined,
  };
}
