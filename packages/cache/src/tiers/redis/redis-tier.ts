import type { LogPosition, LogSlice } from '../../bus/invalidation-log.ts';
import type { FillRequest, InvalidateRequest, ReadReply, ReadRequest, TierConnection, TierReply } from '../cache-tier.ts';
import { BorrowedConnection, LastingConnection, type RedisClient, type RedisConnection, ownConnection } from './redis-client.ts';
import { FILL_SCRIPT, INVALIDATE_SCRIPT, KEEP_LEASE_SCRIPT, READ_SCRIPT, type RedisScript, SYNC_SCRIPT } from './redis-scripts.ts';
import { entryText, headOf, headText, sliceOf, wireName } from './wire.ts';

/** Part of every key: servers of different layouts do not read each other. */
const LAYOUT = 1;
/** Steps kept in the log: a reader farther behind starts anew. */
const LOG_LENGTH = 10_000;
/** Tags whose last invalidation is remembered, about 100 B each. */
const MOST_TAGS = 100_000;
/** Steps an answer brings beside what was asked. */
const STEPS_PER_REPLY = 64;
const BLOB_STRING = 36;

export interface RedisTierConnectionOptions {
  /** Gives the client; asked at the first command, again when it failed. */
  readonly client: () => Promise<RedisClient>;
  /** True: the client was made for this tier, which opens copies of it and closes them. */
  readonly ownsClient: boolean;
  readonly prefix: string;
  readonly logLength?: number;
  readonly mostTags?: number;
}

/**
 * The tier in Redis 6.2 or later, or Valkey: every method is one Lua script on one connection, the bell is a blocking read of the log on a second one.
 * Keys begin `{prefix}:1:`.
 */
export class RedisTierConnection implements TierConnection {
  readonly #options: RedisTierConnectionOptions;
  readonly #stem: string;
  readonly #logKey: string;
  readonly #shared: readonly string[];
  /** The one given, or the pattern of those this tier opens. */
  #client: RedisClient | undefined;
  #commands: RedisConnection | undefined;
  #bell: RedisConnection | undefined;
  #holders = 0;
  #isClosed = false;

  constructor(options: RedisTierConnectionOptions) {
    this.#options = options;
    this.#stem = `{${options.prefix}}:${LAYOUT}:`;
    this.#logKey = `${this.#stem}log`;
    this.#shared = [`${this.#stem}meta`, `${this.#stem}tags`, this.#logKey];
  }

  async read(request: ReadRequest): Promise<ReadReply> {
    const { since, key, token = '', leaseMs = 0 } = request;
    const reply = await this.#run(READ_SCRIPT, [...this.#shared, ...this.#placesOf(key)], [...sinceOf(since), token, String(leaseMs)]);
    const [slice, kind, head, body, leftMs] = reply as [unknown, unknown, unknown, Uint8Array, number];
    const log = sliceOf(slice);
    if (String(kind) === 'hit') return { log, kind: 'hit', head: headOf(String(head)), body, leftMs: leftMs < 0 ? Infinity : leftMs };
    return { log, kind: String(kind) as 'miss' | 'leased' | 'held' };
  }
  async fillValue(request: FillRequest): Promise<TierReply & { readonly wasKept: boolean }> {
    const { since, key, token, head, body, ttlMs } = request;
    const args = [...sinceOf(since), token, headText(head), Buffer.from(body.buffer, body.byteOffset, body.byteLength)];
    const reply = await this.#run(FILL_SCRIPT, [...this.#shared, ...this.#placesOf(key)], [...args, String(Math.ceil(ttlMs))]);
    const [slice, wasKept] = reply as [unknown, number];
    return { log: sliceOf(slice), wasKept: wasKept === 1 };
  }
  async keepLease(key: string, token: string, leaseMs: number): Promise<void> {
    await this.#run(KEEP_LEASE_SCRIPT, [this.#placesOf(key)[1]], [token, String(leaseMs)]);
  }
  async invalidate(request: InvalidateRequest): Promise<TierReply & { readonly removed: number }> {
    const { since, mark, token = '', leaseMs = 0, keys, tags, isEverything } = request;
    const { mostTags = MOST_TAGS, logLength = LOG_LENGTH } = this.#options;
    const places = keys.flatMap((key) => this.#placesOf(key));
    const bounds = [isEverything ? '1' : '0', String(mostTags), String(logLength)];
    const args = [...sinceOf(since), mark, entryText(request), ...bounds, token, String(leaseMs), ...tags.map(wireName)];
    const [slice, removed] = (await this.#run(INVALIDATE_SCRIPT, [...this.#shared, ...places], args)) as [unknown, number];
    return { log: sliceOf(slice), removed };
  }
  async sync(since: LogPosition, limit: number): Promise<LogSlice> {
    const [slice] = (await this.#run(SYNC_SCRIPT, this.#shared, sinceOf(since, limit))) as [unknown];
    return sliceOf(slice);
  }
  async wait(position: LogPosition, withinMs: number): Promise<void> {
    if (position.incarnation === '') return;
    const { client } = await this.#connected();
    this.#bell ??= new LastingConnection(() => client.duplicate(ownConnection(client.options?.socket)));
    const from = `${position.incarnation}-${position.seq}`;
    const bell = await this.#bell.ready();
    await bell.sendCommand(['XREAD', 'COUNT', '1', 'BLOCK', String(Math.ceil(withinMs)), 'STREAMS', this.#logKey, from]);
  }
  hold(): () => void {
    let isHeld = true;
    if (++this.#holders === 1) this.#commands?.keepAlive(true);
    return () => {
      if (isHeld && --this.#holders === 0) this.#commands?.keepAlive(false);
      isHeld = false;
    };
  }
  renew(): void {
    this.#bell?.renew();
    this.#commands?.renew();
  }
  close(): void {
    this.#isClosed = true;
    this.#bell?.close();
    this.#commands?.close();
  }

  async #connected(): Promise<{ readonly client: RedisClient; readonly commands: RedisConnection }> {
    const client = (this.#client ??= await this.#options.client());
    if (this.#isClosed) throw new Error('the tier was closed');
    if (this.#commands === undefined) {
      const make = (): RedisClient => client.duplicate(ownConnection(client.options?.socket));
      this.#commands = this.#options.ownsClient ? new LastingConnection(make) : new BorrowedConnection(client);
      if (this.#holders > 0) this.#commands.keepAlive(true);
    }
    return { client, commands: this.#commands };
  }
  async #run(script: RedisScript, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    // Commands leave in the order of the calls: while the connection is open there is no turn in between.
    const client = this.#commands?.client ?? (await (await this.#connected()).commands.ready());
    const rest = [String(keys.length), ...keys, ...args];
    const options = { typeMapping: { [BLOB_STRING]: Buffer } };
    try {
      return await client.sendCommand(['EVALSHA', script.sha1, ...rest], options);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await client.sendCommand(['EVAL', script.text, ...rest], options);
    }
  }
  #placesOf(key: string): readonly [value: string, lease: string] {
    const name = wireName(key);
    return [`${this.#stem}v:${name}`, `${this.#stem}l:${name}`];
  }
}

function sinceOf(since: LogPosition, limit = STEPS_PER_REPLY): string[] {
  return [since.incarnation, String(since.seq), since.mark, String(limit)];
}
