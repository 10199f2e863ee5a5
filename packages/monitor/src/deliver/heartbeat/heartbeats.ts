import type { Kysely } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { BellwetherError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { StateTables } from '../../store/state-tables.ts';
import { isHttpUrl } from '../channels/field-checks.ts';
import { httpPost } from '../reach/http-post.ts';
import { resolveReference, type Environment } from '../reach/secret-reference.ts';
import { createTargetGuard, type TargetGuard } from '../reach/target-guard.ts';
import type { ExpectedHeartbeat, HeartbeatConfig, SentHeartbeat } from './heartbeat-config.ts';

export interface HeartbeatOptions {
  readonly config: HeartbeatConfig;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly env: Environment;
  readonly allowPrivateTargets: readonly string[];
}

/** How an expected sign of life fares. */
export interface HeartbeatStatus {
  readonly name: string;
  readonly withinMs: number;
  /** `undefined` before the first. */
  readonly lastAtMs: number | undefined;
  /** 0 while it is in time. Before the first one, time counts from the start of the program. */
  readonly overdueMs: number;
}

interface Sender {
  readonly heartbeat: SentHeartbeat;
  readonly url: string;
  dueAtMs: number;
  isSending: boolean;
}

const SETTING = 'heartbeats_seen';

async function readSeen(db: Kysely<StateTables>): Promise<Map<string, number>> {
  const row = await db.selectFrom('settings').select('value_json').where('key', '=', SETTING).executeTakeFirst();
  return new Map(row === undefined ? [] : (JSON.parse(row.value_json) as [string, number][]));
}

/**
 * Signs of life both ways. Out: `beat` is called by the engine after each evaluation that went well, so a heartbeat says that rules are judged
 * and state can be written, not merely that a process exists; it never waits for a receiver. In: `received` is remembered on disk.
 */
export class Heartbeats implements Disposable {
  readonly #options: HeartbeatOptions;
  readonly #guard: TargetGuard;
  #config: HeartbeatConfig;
  #senders: readonly Sender[];
  #seen: Map<string, number>;
  readonly #startedAtMs: number;
  readonly #stopping = new AbortController();

  /** @throws BellwetherError `config_invalid` for an address that is none, `target_refused` for a private one. */
  static async open(options: HeartbeatOptions): Promise<Heartbeats> {
    return new Heartbeats(options, await readSeen(options.state.db));
  }

  private constructor(options: HeartbeatOptions, seen: Map<string, number>) {
    this.#options = options;
    this.#guard = createTargetGuard(options.allowPrivateTargets);
    this.#startedAtMs = options.clock.nowMs();
    this.#seen = seen;
    this.#config = options.config;
    this.#senders = this.#sendersOf(options.config);
  }

  /** @throws as `open` does; nothing has changed then */
  reconfigure(config: HeartbeatConfig): void {
    this.#senders = this.#sendersOf(config);
    this.#config = config;
  }

  /** Sends what is due. Returns at once. */
  beat(nowMs: number): void {
    for (const sender of this.#senders) {
      const everyMs = (sender.heartbeat.every ?? 60) * 1000;
      // A clock that was set back must not silence us.
      if (sender.isSending || (nowMs < sender.dueAtMs && sender.dueAtMs - nowMs <= everyMs)) continue;
      sender.dueAtMs = nowMs + everyMs;
      void this.#send(sender);
    }
  }

  /** Notes a sign of life; resolves when it is on disk. @throws BellwetherError `state_not_found` for one that nobody expects. */
  async received(name: string): Promise<void> {
    const { state, clock } = this.#options;
    const config = this.#config;
    if (!config.expect.some((expected) => expected.name === name)) {
      const known = config.expect.map((expected) => expected.name).join(', ') || 'none';
      throw new BellwetherError('state_not_found', `No heartbeat is named ${name.slice(0, 64)}`, {
        hint: `Expected heartbeats: ${known}.`,
      });
    }
    const nowMs = clock.nowMs();
    this.#seen.set(name, nowMs);
    await state.transaction(async (tx) => {
      // Other servers that share the state hear of others.
      const seen = (await readSeen(tx)).set(name, nowMs);
      const setting = { key: SETTING, value_json: JSON.stringify([...seen]), updated_at_ms: nowMs };
      await tx
        .insertInto('settings')
        .values(setting)
        .onConflict((conflict) => conflict.column('key').doUpdateSet(setting))
        .execute();
    });
  }

  /** Takes what other servers that share the state heard. @throws BellwetherError `state_unavailable` */
  async takeChanges(): Promise<void> {
    this.#seen = await readSeen(this.#options.state.db);
  }

  expected(nowMs: number): readonly HeartbeatStatus[] {
    return this.#config.expect.map((expected) => this.#statusOf(expected, nowMs));
  }

  [Symbol.dispose](): void {
    this.#stopping.abort(new Error('stopping'));
  }

  #sendersOf({ send }: HeartbeatConfig): readonly Sender[] {
    return send.map((heartbeat) => ({ heartbeat, url: this.#urlOf(heartbeat), dueAtMs: 0, isSending: false }));
  }

  #statusOf({ name, within }: ExpectedHeartbeat, nowMs: number): HeartbeatStatus {
    const lastAtMs = this.#seen.get(name);
    const withinMs = within * 1000;
    return { name, withinMs, lastAtMs, overdueMs: Math.max(0, nowMs - (lastAtMs ?? this.#startedAtMs) - withinMs) };
  }

  #urlOf({ name, url }: SentHeartbeat): string {
    const place = `heartbeat "${name}" field url`;
    const resolved = resolveReference(url, place, this.#options.env);
    if (!isHttpUrl(resolved)) throw new BellwetherError('config_invalid', `${place}: what it refers to is not an http:// or https:// URL`);
    this.#guard.check(new URL(resolved).hostname);
    return resolved;
  }

  async #send(sender: Sender): Promise<void> {
    const { clock, log } = this.#options;
    sender.isSending = true;
    const outcome = await httpPost({ url: sender.url, body: '{}', guard: this.#guard, clock, signal: this.#stopping.signal });
    sender.isSending = false;
    if (outcome.status === 'failed' && !this.#stopping.signal.aborted)
      log.warn({ heartbeat: sender.heartbeat.name }, `A heartbeat did not arrive: ${outcome.error}`);
  }
}
