import { afterEach, expect, it } from 'vitest';
import { LogReader, UNKNOWN_POSITION, type LogPosition } from '../bus/invalidation-log.ts';
import type { FillRequest, StoredHead, TierConnection } from './cache-tier.ts';

/** A shared store of values, empty for each test. */
export interface TierUnderTest {
  connect(): TierConnection;
  /** Everything is gone. */
  lose(): Promise<void>;
  /** Bounds of the log and of the tags remembered, for the tests of what is beyond them. */
  readonly logLength: number;
  readonly mostTags: number;
  /** Steps that may stay beyond `logLength`. */
  readonly logSlack: number;
}

const BODY = new Uint8Array([1, 2, 3, 255]);
const NOTHING = { keys: [], tags: [], isEverything: false };

/** What every `CacheTier` does. `make` is called before each test. */
export function cacheTierContract(make: () => Promise<TierUnderTest>): void {
  const connections: TierConnection[] = [];
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close();
  });
  const begin = async (): Promise<{ tier: TierUnderTest; a: Process; b: Process }> => {
    const tier = await make();
    const [a, b] = [tier.connect(), tier.connect()];
    connections.push(a, b);
    return { tier, a: new Process('a', a), b: new Process('b', b) };
  };

  it('contract: a value that one process filled is read by another, byte by byte, with its head and what is left of its time', async () => {
    const { a, b } = await begin();
    expect(await a.lease('k')).toBe('leased');
    expect(await a.fill('k', { head: { tags: ['x', 'ü/"'], keptForMs: Infinity, loadMs: 5 }, ttlMs: 60_000 })).toBe(true);
    const reply = await b.connection.read({ since: UNKNOWN_POSITION, key: 'k' });
    expect(reply).toMatchObject({ kind: 'hit', head: { tags: ['x', 'ü/"'], keptForMs: Infinity, loadMs: 5 } });
    if (reply.kind !== 'hit') throw new Error('no hit');
    expect([...reply.body]).toEqual([...BODY]);
    expect(reply.leftMs).toBeGreaterThan(50_000);
    expect(reply.leftMs).toBeLessThanOrEqual(60_000);
  });
  it('contract: keys that are odd are told apart: empty-looking, lone surrogates, names of prototypes', async () => {
    const { a, b } = await begin();
    const keys = ['\ud800', '\ud801', '\ufffd', '__proto__', ' ', '{}', 'a\nb', 'x'.repeat(8192)];
    for (const key of keys) await a.put(key, { body: new TextEncoder().encode(JSON.stringify(key)) });
    for (const key of keys) expect(JSON.parse(await b.text(key))).toBe(key);
  });
  it('contract: one of two processes gets the lease; the other one gets it when it ends or is given back', async () => {
    const { a, b } = await begin();
    expect(await a.lease('k')).toBe('leased');
    expect(await b.lease('k')).toBe('held');
    await a.connection.keepLease('k', b.token, 0);
    expect(await b.lease('k')).toBe('held');
    await a.connection.keepLease('k', a.token, 0);
    expect(await b.lease('k')).toBe('leased');
  });
  it('contract: who has a lease and asks again gets a new one; the old token fills nothing', async () => {
    const { a } = await begin();
    await a.lease('k');
    const old = a.token;
    expect(await a.lease('k')).toBe('leased');
    expect(await a.fill('k', { token: old })).toBe(false);
    expect(await a.fill('k')).toBe(true);
  });
  it('contract: a fill without a lease, or for the second time, is refused', async () => {
    const { a, b } = await begin();
    expect(await a.fill('k')).toBe(false);
    await a.lease('k');
    expect(await a.fill('k')).toBe(true);
    expect(await a.fill('k', { body: new Uint8Array([9]) })).toBe(false);
    expect(await b.text('k')).toBe(await a.text('k'));
  });
  it.each([
    ['its key', { ...NOTHING, keys: ['k'] }, false],
    ['its tag', { ...NOTHING, tags: ['market/456/orders'] }, false],
    ['a tag above its tag', { ...NOTHING, tags: ['market'] }, false],
    ['everything', { ...NOTHING, isEverything: true }, false],
    ['another key and tags beside and below its own', { ...NOTHING, keys: ['j'], tags: ['market/4', 'market/456/orders/7', 'x'] }, true],
  ])('contract: a value and a load under way, and an invalidation of %s', async (_what, what, isKept) => {
    const { a, b } = await begin();
    const head = { tags: ['market/456/orders', 'user'], keptForMs: 0, loadMs: 0 };
    await a.put('k', { head });
    await a.lease('k2');
    await b.invalidate({ ...what, keys: what.keys.map((key) => (key === 'k' ? 'k2' : key)) });
    expect(await a.fill('k2', { head })).toBe(isKept);
    await b.invalidate(what);
    expect(await a.kind('k')).toBe(isKept ? 'hit' : 'miss');
  });
  it('contract: a value loaded after an invalidation is not killed by it', async () => {
    const { a, b } = await begin();
    const head = { tags: ['t'], keptForMs: 0, loadMs: 0 };
    for (let round = 0; round < 3; round++) {
      await a.invalidate({ ...NOTHING, tags: ['t'], isEverything: round === 1 });
      await b.put('k', { head });
      expect(await a.kind('k')).toBe('hit');
    }
  });
  it('contract: an invalidation that takes the lease sets a value over a load under way', async () => {
    const { a, b } = await begin();
    await b.lease('k');
    const token = 'a:set';
    await a.invalidate({ ...NOTHING, keys: ['k'] }, token);
    expect(await b.lease('k')).toBe('held');
    expect(await a.fill('k', { token })).toBe(true);
    expect(await b.fill('k', { body: new Uint8Array([9]) })).toBe(false);
    expect(await b.kind('k')).toBe('hit');
  });
  it('contract: invalidating keys says how many valid values went', async () => {
    const { a, b } = await begin();
    await a.put('k', { head: { tags: ['t'], keptForMs: 0, loadMs: 0 } });
    await a.put('j');
    await a.put('dead', { head: { tags: ['u'], keptForMs: 0, loadMs: 0 } });
    await b.invalidate({ ...NOTHING, tags: ['u'] });
    expect(await b.invalidate({ ...NOTHING, keys: ['k', 'j', 'dead', 'none'] })).toBe(2);
  });
  it('contract: the log brings every step in order, once, also piece by piece and beside other answers', async () => {
    const { a, b } = await begin();
    await b.catchUp();
    await a.invalidate({ ...NOTHING, keys: ['\ud800'] });
    await a.invalidate({ ...NOTHING, tags: ['t', '__proto__'] });
    await b.kind('any');
    for (let step = 0; step < 150; step++) await a.invalidate({ ...NOTHING, keys: [`k${step}`] });
    await b.kind('any');
    expect(b.heard.slice(0, 2)).toMatchObject([{ keys: ['\ud800'] }, { tags: ['t', '__proto__'] }]);
    expect(b.heard.length).toBeGreaterThanOrEqual(66);
    expect(b.heard.length).toBeLessThanOrEqual(67);
    await b.catchUp(50);
    expect(b.heard.slice(2).map((entry) => entry.keys[0])).toEqual(Array.from({ length: 150 }, (_step, at) => `k${at}`));
    await a.invalidate({ ...NOTHING, isEverything: true });
    await b.catchUp();
    expect(b.heard.at(-1)).toMatchObject({ isEverything: true });
    expect(b.gaps).toBe(1);
  });
  it('contract: a reader behind the beginning of the log is told of the gap', async () => {
    const { tier, a, b } = await begin();
    await b.catchUp();
    for (let step = 0; step < tier.logLength + tier.logSlack + 1; step++) await a.invalidate({ ...NOTHING, keys: ['k'] });
    await b.catchUp();
    expect(b.gaps).toBe(2);
    await a.invalidate({ ...NOTHING, keys: ['last'] });
    await b.catchUp();
    expect(b.heard).toMatchObject([{ keys: ['last'] }]);
  });
  it('contract: after a loss of all data nothing older is valid, and every reader is told', async () => {
    const { tier, a, b } = await begin();
    await b.invalidate({ ...NOTHING, keys: ['j'] });
    await a.lease('loading');
    await a.put('k');
    await a.catchUp();
    await tier.lose();
    expect(await a.fill('loading')).toBe(false);
    expect(await b.kind('k')).toBe('miss');
    expect([a.gaps, b.gaps]).toEqual([2, 2]);
    await a.put('k');
    expect(await b.kind('k')).toBe('hit');
    expect([a.gaps, b.gaps]).toEqual([2, 2]);
  });
  it('contract: a reader who knows steps that the tier has lost makes everything older invalid', async () => {
    const { a, b } = await begin();
    await a.put('k');
    await b.invalidate({ ...NOTHING, keys: ['j'] });
    await a.catchUp();
    const { incarnation, seq } = a.position;
    a.pretend({ incarnation, seq, mark: 'lost:1' });
    await a.catchUp();
    expect(a.position.incarnation).not.toBe(incarnation);
    expect(await b.kind('k')).toBe('miss');
    await a.put('k');
    a.pretend({ ...a.position, seq: a.position.seq + 5 });
    expect(await a.kind('k')).toBe('miss');
  });
  it('contract: tags are remembered up to a bound; beyond it the oldest invalidations hold for everything older', async () => {
    const { tier, a, b } = await begin();
    const head = (tag: string): StoredHead => ({ tags: [tag], keptForMs: 0, loadMs: 0 });
    await a.put('old', { head: head('first') });
    await b.invalidate({ ...NOTHING, tags: ['first'] });
    await a.put('mid', { head: head('other') });
    for (let tag = 0; tag < tier.mostTags; tag++) await b.invalidate({ ...NOTHING, tags: [`t${tag}`] });
    await a.put('new', { head: head('other') });
    expect(await a.kind('old')).toBe('miss');
    expect(await a.kind('mid')).toBe('hit');
    expect(await a.kind('new')).toBe('hit');
    await b.invalidate({ ...NOTHING, tags: ['more', 'and more'] });
    expect(await a.kind('mid')).toBe('miss');
    expect(await a.kind('new')).toBe('hit');
  });
}

/** One process: a connection, its place in the log and what it heard. */
class Process {
  readonly connection: TierConnection;
  readonly heard: { readonly keys: readonly string[]; readonly tags: readonly string[]; readonly isEverything: boolean }[] = [];
  readonly #name: string;
  readonly #reader: LogReader;
  #pretended: LogPosition | undefined;
  gaps = 0;
  token = 'none:0';
  #named = 0;

  constructor(name: string, connection: TierConnection) {
    this.#name = name;
    this.connection = connection;
    this.#reader = new LogReader(name);
  }
  get position(): LogPosition {
    return this.#pretended ?? this.#reader.position;
  }
  pretend(position: LogPosition): void {
    this.#pretended = position;
  }
  hear<R extends { readonly log: Parameters<LogReader['read']>[0] }>(reply: R): R {
    this.#pretended = undefined;
    const entries = this.#reader.read(reply.log);
    if (entries === undefined) this.gaps++;
    this.heard.push(...(entries ?? []));
    return reply;
  }
  async catchUp(limit = 1000): Promise<void> {
    let isCaughtUp = false;
    while (!isCaughtUp) ({ isCaughtUp } = this.hear({ log: await this.connection.sync(this.position, limit) }).log);
  }
  async lease(key: string): Promise<string> {
    const token = `${this.#name}:${++this.#named}`;
    const { kind } = this.hear(await this.connection.read({ since: this.position, key, token, leaseMs: 60_000 }));
    if (kind === 'leased') this.token = token;
    else if (this.token === 'none:0') this.token = token;
    return kind;
  }
  async fill(key: string, request: Partial<FillRequest> = {}): Promise<boolean> {
    const head = { tags: [], keptForMs: 0, loadMs: 0 };
    const fill = { key, token: this.token, head, body: BODY, ttlMs: 60_000, ...request, since: this.position };
    return this.hear(await this.connection.fillValue(fill)).wasKept;
  }
  async put(key: string, request: Partial<FillRequest> = {}): Promise<void> {
    if ((await this.lease(key)) === 'leased' && !(await this.fill(key, request))) throw new Error(`${key} was not kept`);
  }
  async kind(key: string): Promise<string> {
    return this.hear(await this.connection.read({ since: this.position, key })).kind;
  }
  async text(key: string): Promise<string> {
    const reply = this.hear(await this.connection.read({ since: this.position, key }));
    return reply.kind === 'hit' ? new TextDecoder().decode(reply.body) : reply.kind;
  }
  async invalidate(what: typeof NOTHING | { keys: string[]; tags: string[]; isEverything: boolean }, token?: string): Promise<number> {
    const mark = `${this.#name}:${++this.#named}`;
    const lease = token === undefined ? {} : { token, leaseMs: 60_000 };
    return this.hear(await this.connection.invalidate({ ...what, ...lease, since: this.position, mark })).removed;
  }
}
