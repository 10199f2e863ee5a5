import type { Clock, IdSource, StateStore } from '@bellwether/monitor/engine';
import type { Caller } from './caller.ts';
import { ensureFirstToken, type FirstTokenFile } from './first-token.ts';
import { SessionSigner } from './session.ts';
import { sha256Of, TokenStore, type KnownToken } from './token-store.ts';

export interface AuthOptions {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** An administrator token given from outside; only its hash is kept, and only in memory. */
  readonly givenToken?: string | undefined;
  /** Where the first token waits; without it the first token is told in the notice alone. */
  readonly tokenFile?: FirstTokenFile | undefined;
}

export const GIVEN_TOKEN_ID = 'environment';

/** Who may do what: tokens, the sessions that browsers open with them, and the first token. */
export class Auth {
  readonly tokens: TokenStore;
  /** A line for people about the first token, if there is anything to tell. */
  readonly notice: string | undefined;
  readonly #sessions: SessionSigner;
  readonly #given: KnownToken | undefined;
  readonly #tokenFile: FirstTokenFile | undefined;
  /** Hash of the first token while its file waits to be deleted. */
  #waitingHash: string | undefined;

  private constructor(parts: {
    readonly tokens: TokenStore;
    readonly sessions: SessionSigner;
    readonly given: KnownToken | undefined;
    readonly tokenFile: FirstTokenFile | undefined;
    readonly notice: string | undefined;
  }) {
    this.tokens = parts.tokens;
    this.notice = parts.notice;
    this.#sessions = parts.sessions;
    this.#given = parts.given;
    this.#tokenFile = parts.tokenFile;
    const waiting = parts.tokenFile?.read();
    this.#waitingHash = waiting === undefined ? undefined : sha256Of(waiting);
  }

  static async open(options: AuthOptions): Promise<Auth> {
    const { state, clock, ids, givenToken, tokenFile } = options;
    const tokens = new TokenStore({ state, clock, ids });
    const sessions = await SessionSigner.open(state, clock);
    const given = givenToken === undefined ? undefined : givenAs(givenToken, clock.nowMs());
    const notice = given === undefined ? await ensureFirstToken(tokens, tokenFile) : undefined;
    return new Auth({ tokens, sessions, given, tokenFile, notice });
  }

  /** Whose token this is, `undefined` when nobody's. */
  async byToken(text: string): Promise<Caller | undefined> {
    const token = await this.#find(text);
    return token === undefined ? undefined : callerOf(token, 'bearer');
  }

  /** Whose session this is, `undefined` when forged, over, or of a revoked token. */
  async bySession(value: string): Promise<Caller | undefined> {
    const id = this.#sessions.claimedTokenId(value);
    if (id === undefined) return undefined;
    const token = id === GIVEN_TOKEN_ID ? this.#given : await this.tokens.byId(id);
    if (token === undefined || token.revokedAtMs !== undefined || !this.#sessions.isGenuine(value, token)) return undefined;
    return callerOf(token, 'session');
  }

  /** A session for whoever knows the token; `undefined` for an unknown one. */
  async openSession(text: string): Promise<{ caller: Caller; value: string; expiresAtMs: number } | undefined> {
    const token = await this.#find(text);
    return token === undefined ? undefined : { caller: callerOf(token, 'session'), ...this.#sessions.issue(token) };
  }

  sessionEndsAtMs(value: string): number {
    return this.#sessions.expiresAtMs(value);
  }

  /** The token given from outside first, then those of the table. */
  async list(): Promise<readonly KnownToken[]> {
    return [...(this.#given === undefined ? [] : [this.#given]), ...(await this.tokens.list())];
  }

  async #find(text: string): Promise<KnownToken | undefined> {
    if (text.length < 8 || text.length > 512) return undefined;
    const token = this.#given?.sha256 === sha256Of(text) ? this.#given : await this.tokens.find(text);
    if (token !== undefined && token.sha256 === this.#waitingHash) {
      this.#waitingHash = undefined;
      this.#tokenFile?.remove();
    }
    return token;
  }
}

function givenAs(text: string, nowMs: number): KnownToken {
  return {
    id: GIVEN_TOKEN_ID,
    name: 'BELLWETHER_TOKEN',
    scope: 'admin',
    sha256: sha256Of(text),
    createdAtMs: nowMs,
    lastUsedAtMs: undefined,
    revokedAtMs: undefined,
  };
}

function callerOf(token: KnownToken, via: Caller['via']): Caller {
  return { tokenId: token.id, name: token.name, scope: token.scope, via };
}
