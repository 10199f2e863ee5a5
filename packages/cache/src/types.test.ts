import { afterAll, expect, expectTypeOf, it } from 'vitest';
import { createEnhancedCache } from './enhanced-cache.ts';
import type { LoadContext } from './loading/load-pipeline.ts';
import { FakeClock } from './testing/fake-clock.ts';

interface User {
  readonly id: number;
  readonly name: string;
}
const cache = createEnhancedCache({ clock: new FakeClock() });
const ada: User = { id: 1, name: 'Ada' };
afterAll(() => cache.dispose());

it('wrap keeps the types of arguments and result', async () => {
  const find = cache.wrap(async (id: number, deep?: boolean): Promise<User> => (deep === true ? ada : { ...ada, id }), {
    tags: (id, deep) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      expectTypeOf(deep).toEqualTypeOf<boolean | undefined>();
      return [`user/${id}`];
    },
    ttl: (user) => {
      expectTypeOf(user).toEqualTypeOf<User>();
      return user.id;
    },
  });
  expectTypeOf(find).toEqualTypeOf<(id: number, deep?: boolean) => Promise<User>>();
  expectTypeOf(cache.wrap((text: string) => text.length)).toEqualTypeOf<(text: string) => Promise<number>>();
  expect(await find(7)).toEqual({ id: 7, name: 'Ada' });
});

it('getOrLoad takes its type from the loader, with or without its context', async () => {
  const plain = cache.getOrLoad('a', () => ada);
  const later = cache.getOrLoad('b', async () => ada, { ttl: (user) => user.id });
  const told = cache.getOrLoad('c', async (context) => (expectTypeOf(context).toEqualTypeOf<LoadContext>(), ada), {
    ttl: (user) => user.id,
  });
  const negative = cache.getOrLoad('d', async (): Promise<User | undefined> => undefined, { negativeTtl: 5 });
  expectTypeOf(plain).toEqualTypeOf<Promise<User>>();
  expectTypeOf(later).toEqualTypeOf<Promise<User>>();
  expectTypeOf(told).toEqualTypeOf<Promise<User>>();
  expectTypeOf(negative).toEqualTypeOf<Promise<User | undefined>>();
  expect(await Promise.all([plain, later, told, negative])).toEqual([ada, ada, ada, undefined]);
});

it('get is told its type, events know theirs', async () => {
  expectTypeOf(cache.get<User>('a')).toEqualTypeOf<Promise<User | undefined>>();
  expectTypeOf(cache.getSync('a')).toEqualTypeOf<unknown>();
  const off = cache.on('load', (event) => expectTypeOf(event).toEqualTypeOf<{ readonly key: string; readonly loadMs: number }>());
  off();
  // @ts-expect-error there is no such event
  expect(() => cache.on('hit', () => {})).toThrow('There is no cache event');
});

it('a decorated method keeps its type', async () => {
  class Users {
    @cache.cacheDecorator({ ttl: 60 })
    async find(id: number): Promise<User> {
      return { ...ada, id };
    }
  }
  const users = new Users();
  expectTypeOf(users.find).toEqualTypeOf<(id: number) => Promise<User>>();
  expect(await users.find(3)).toMatchObject({ id: 3 });
});

it('an option that does not exist is an error to the compiler and at run time, with a hint', async () => {
  // @ts-expect-error misspelt
  await expect(cache.getOrLoad('typo', () => 1, { staleIfErrors: 5 })).rejects.toMatchObject({ hint: 'Did you mean staleIfError?' });
  // @ts-expect-error misspelt
  expect(() => cache.wrap(() => 1, { timeToLive: 5 })).toThrow('There is no load option "timeToLive".');
});

it('a wrapped function’s options are looked at when it is wrapped, its own keys when it is called', async () => {
  const bad = [{ ttl: -1 }, { tags: [''] }, { tags: 'users' }, { key: 'id' }, { keyPrefix: 5 }, { hardTimeout: 0 }];
  for (const options of bad) {
    expect(() => cache.wrap(() => 1, options as object)).toThrow(expect.objectContaining({ name: 'CacheError' }) as Error);
    const decorate = (): unknown =>
      cache.cacheDecorator(options as object)(() => 1, { kind: 'method', name: 'm' } as ClassMethodDecoratorContext);
    expect(decorate).toThrow(expect.objectContaining({ name: 'CacheError' }) as Error);
  }
  for (const key of [{}, Symbol('s'), undefined])
    await expect(cache.wrap(() => 1, { key: () => key as never })()).rejects.toMatchObject({ code: 'cache_key_invalid' });
  await expect(cache.wrap((text: string) => text)('x'.repeat(9000))).rejects.toMatchObject({ code: 'cache_key_invalid' });
  const own = cache.wrap((value: unknown) => value);
  expect([await own({ ['__proto__']: 1 }), await own(JSON.parse('{"__proto__":1}'))]).toEqual([
    { ['__proto__']: 1 },
    JSON.parse('{"__proto__":1}'),
  ]);
});
