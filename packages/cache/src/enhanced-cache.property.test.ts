import fc from 'fast-check';
import { it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from './enhanced-cache.ts';
import type { LoadOptions } from './loading/load-options.ts';
import type { SecondTier } from './tiers/second-tier.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { PlainTier } from './testing/plain-tier.ts';

const RUNS = Number(process.env['CACHE_PROPERTY_RUNS'] ?? 10_000);
const TTL_SECONDS = 5;
const LONGEST_STALE_SECONDS = 20;
/** Of each key. */
const TAGS = [['a/b/c'], ['a', 'all'], ['d']] as const;

const key = fc.constantFrom(0, 0, 0, 1, 2);
const loading = fc.record({
  staleWhileRevalidate: fc.constantFrom(0, 10),
  staleIfError: fc.constantFrom(0, LONGEST_STALE_SECONDS),
  softTimeout: fc.constantFrom(undefined, 1),
  hardTimeout: fc.constantFrom(undefined, 2),
  earlyRefresh: fc.constantFrom(0, 3),
  isAbortable: fc.boolean(),
});
type Loading = typeof loading extends fc.Arbitrary<infer L> ? L : never;
type Step =
  | { readonly kind: 'load'; readonly key: number; readonly loading: Loading }
  | { readonly kind: 'get' | 'set' | 'setSync' | 'delete'; readonly key: number }
  | { readonly kind: 'finish' | 'fail' | 'answer'; readonly which: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'deleteByTags' | 'invalidateTags'; readonly tag: string }
  | { readonly kind: 'clear' | 'cleanup' | 'abort' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('load' as const), key, loading }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('get' as const, 'get' as const, 'set' as const, 'setSync' as const, 'delete' as const),
      key,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('finish' as const, 'answer' as const, 'fail' as const), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(200, 1000, 2000, 5000, 21_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('deleteByTags' as const, 'invalidateTags' as const),
      tag: fc.constantFrom('a', 'a/b', 'all', 'd'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'cleanup' as const, 'abort' as const) }) },
);

/** Lets what can settle without time or I/O do so. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 25; turn++) await Promise.resolve();
}

/** A value is the number of the step at which it was written, or at which its load read the source. */
class Trial {
  readonly clock = new FakeClock();
  readonly cache: EnhancedCache;
  /** Per key, the step of its last invalidation: older values are stale. */
  readonly #staleBefore = [0, 0, 0];
  /** The same for invalidations that have reached the second tier: what is asked there before may still be given out. */
  readonly #doneBefore = [0, 0, 0];
  /** When a value was written, or its load ended. */
  readonly #keptAtMs = new Map<number, number>();
  readonly #pending: { value: number; settle: (value: number | Error) => void }[] = [];
  readonly #aborts: AbortController[] = [];
  readonly #tier: PlainTier | undefined;
  readonly #failures: Error[] = [];

  constructor(hasTier: boolean) {
    this.#tier = hasTier ? new PlainTier() : undefined;
    const tier: { tier?: SecondTier } = this.#tier === undefined ? {} : { tier: this.#tier };
    this.cache = createEnhancedCache({ clock: this.clock, maxSize: 2, defaultTtl: TTL_SECONDS, policy: 'lru', ...tier });
  }
  async run(steps: readonly Step[]): Promise<void> {
    for (const [index, at] of steps.entries()) {
      await this.#step(at, index + 1);
      await flush();
    }
    for (const { settle, value } of this.#pending) settle(value);
    this.#tier?.answerAll();
    await flush();
    for (const number of TAGS.keys()) this.#read(number);
    this.cache.dispose();
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #step(at: Step, now: number): Promise<void> {
    if (at.kind === 'get') {
      this.#read(at.key);
      if (this.#tier !== undefined) this.#expectFrom(this.cache.get<number>(`k${at.key}`), at.key);
    } else if (at.kind === 'set' || at.kind === 'setSync') this.#set(at.key, now, at.kind);
    else if (at.kind === 'delete') {
      this.#invalidated(this.cache.delete(`k${at.key}`), now, (number) => number === at.key);
    } else if (at.kind === 'load') this.#load(at.key, now, at.loading);
    else if (at.kind === 'finish' || at.kind === 'fail') this.#settle(at);
    else if (at.kind === 'pass') await this.clock.advance(at.ms);
    else if (at.kind === 'abort') this.#aborts.shift()?.abort(new Error('gone'));
    else if (at.kind === 'answer') this.#tier?.answer(at.which);
    else if (at.kind === 'cleanup') await this.cache.cleanup();
    else if (at.kind === 'clear') {
      this.#invalidated(this.cache.clear(), now, () => true);
    } else if ('tag' in at) this.#invalidate(at, now);
  }
  #invalidated(done: Promise<unknown>, now: number, isMeant: (number: number) => boolean): void {
    const mark = (steps: number[]): void =>
      steps.forEach((before, number) => {
        if (isMeant(number)) steps[number] = Math.max(before, now);
      });
    mark(this.#staleBefore);
    if (this.#tier === undefined) mark(this.#doneBefore);
    else void done.then(() => mark(this.#doneBefore));
  }
  #read(number: number): void {
    const value = this.cache.getSync<number>(`k${number}`);
    if (value === undefined) return;
    const bound = this.#staleBefore[number] ?? 0;
    if (value < bound) this.#failures.push(new Error(`k${number}: ${value} is in memory after ${bound}`));
    if (this.#tier !== undefined) return;
    const ageMs = this.clock.monotonicMs() - (this.#keptAtMs.get(value) ?? Infinity);
    if (ageMs >= TTL_SECONDS * 1000) this.#failures.push(new Error(`k${number}: ${value} is given out ${ageMs} ms old`));
  }
  #set(number: number, now: number, kind: 'set' | 'setSync'): void {
    this.#keptAtMs.set(now, this.clock.monotonicMs());
    const done = Promise.resolve(this.cache[kind](`k${number}`, now, { tags: TAGS[number] ?? [] }));
    // In the tier an older value may stand after setSync, which is memory only.
    if (kind === 'set' || this.#tier === undefined) this.#invalidated(done, now, (other) => other === number);
  }
  #load(number: number, now: number, { isAbortable, softTimeout, hardTimeout, ...rest }: Loading): void {
    const controller = new AbortController();
    if (isAbortable) this.#aborts.push(controller);
    const options: LoadOptions<number> = {
      ...rest,
      ...(softTimeout === undefined ? {} : { softTimeout }),
      ...(hardTimeout === undefined ? {} : { hardTimeout }),
      ...(isAbortable ? { signal: controller.signal } : {}),
      tags: TAGS[number] ?? [],
    };
    const load = (): Promise<number> =>
      new Promise((resolve, reject) =>
        this.#pending.push({ value: now, settle: (value) => (typeof value === 'number' ? resolve(value) : reject(value)) }),
      );
    this.#expectFrom(this.cache.getOrLoad(`k${number}`, load, options), number);
  }
  /** An answer may be no older than the last invalidation before its question. */
  #expectFrom(answer: Promise<number | undefined>, number: number): void {
    const bound = this.#doneBefore[number] ?? 0;
    answer.then(
      (value) => {
        if (value === undefined || value >= bound) return;
        this.#failures.push(new Error(`k${number}: ${value} was given to who asked after ${bound}`));
      },
      () => {},
    );
  }
  #settle({ which, kind }: Extract<Step, { which: number }>): void {
    const [load] = this.#pending.splice(which % Math.max(1, this.#pending.length), 1);
    if (load === undefined) return;
    this.#keptAtMs.set(load.value, this.clock.monotonicMs());
    load.settle(kind === 'finish' ? load.value : new Error('down'));
  }
  #invalidate({ tag, kind }: Extract<Step, { tag: string }>, now: number): void {
    const done = Promise.resolve(this.cache[kind]([tag]));
    // What invalidateTags sends to the tier nobody can wait for.
    const reached = kind === 'invalidateTags' ? flush().then(() => this.#tierIsIdle()) : done;
    this.#invalidated(reached, now, (number) => (TAGS[number] ?? []).some((own) => own === tag || own.startsWith(`${tag}/`)));
  }
  #tierIsIdle(): Promise<void> {
    return new Promise((resolve) => (this.#tier === undefined ? resolve() : this.#tier.whenIdle(resolve)));
  }
}

it.each([
  ['in memory', false],
  ['with a second tier that answers late', true],
])(
  'property: %s, no interleaving of loads, writes, invalidations and time gives out a value from before its invalidation',
  async (_, hasTier) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50 }), async (steps) => new Trial(hasTier).run(steps)),
      { numRuns: RUNS / 2 },
    );
  },
  120_000,
);
