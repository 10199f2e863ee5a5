import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock, StateStore } from '@bellwether/monitor/engine';
import type { KnownToken } from './token-store.ts';

const KEY_SETTING = 'session_key';
const LIFETIME_MS = 7 * 86_400_000;

/**
 * Sessions of browsers: a signed note that says which token opened it and until when. Nothing is kept on the server, so a restart ends no
 * session; the token's hash is part of the signature, and the token is looked up on each request, so revoking it ends them all.
 */
export class SessionSigner {
  readonly #key: Buffer;
  readonly #clock: Clock;
  private constructor(key: Buffer, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  /** Reads the signing key from the settings, making it on first use. */
  static async open(state: StateStore, clock: Clock): Promise<SessionSigner> {
    const key = await state.transaction(async (tx) => {
      const row = await tx.selectFrom('settings').select('value_json').where('key', '=', KEY_SETTING).executeTakeFirst();
      if (row !== undefined) return JSON.parse(row.value_json) as string;
      const made = randomBytes(32).toString('base64');
      await tx
        .insertInto('settings')
        .values({ key: KEY_SETTING, value_json: JSON.stringify(made), updated_at_ms: clock.nowMs() })
        .execute();
      return made;
    });
    return new SessionSigner(Buffer.from(key, 'base64'), clock);
  }

  issue(token: KnownToken): { readonly value: string; readonly expiresAtMs: number } {
    const expiresAtMs = this.#clock.nowMs() + LIFETIME_MS;
    const claim = `${Buffer.from(token.id).toString('base64url')}.${expiresAtMs}`;
    return { value: `${claim}.${this.#sign(claim, token)}`, expiresAtMs };
  }

  /** The id of the token a session claims to be of; `undefined` when malformed or over. Not yet proved: see `isGenuine`. */
  claimedTokenId(value: string): string | undefined {
    const [id = '', expires = '', signature] = value.split('.');
    if (signature === undefined || !(Number(expires) > this.#clock.nowMs())) return undefined;
    return Buffer.from(id, 'base64url').toString();
  }

  expiresAtMs(value: string): number {
    return Number(value.split('.')[1]);
  }

  isGenuine(value: string, token: KnownToken): boolean {
    const cut = value.lastIndexOf('.');
    const expected = Buffer.from(this.#sign(value.slice(0, cut), token));
    const given = Buffer.from(value.slice(cut + 1));
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(claim: string, token: KnownToken): string {
    return createHmac('sha256', this.#key).update(claim).update('\0').update(token.sha256).digest('base64url');
  }
}
