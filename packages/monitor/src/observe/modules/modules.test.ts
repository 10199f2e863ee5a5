import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HOOKED_MODULES, withHandOver } from './hooked-modules.ts';
import { LoadedModules } from './loaded-modules.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../../..');
const hooked = (name: string): (typeof HOOKED_MODULES)[number] => HOOKED_MODULES.find((module) => module.name === name) as never;

test.each([
  ['pg', 'pg/lib/client.js', 'class Client'],
  ['pg-pool', 'pg-pool/index.js', 'class Pool'],
  ['koa', 'koa/lib/application.js', 'module.exports ='],
  ['hono', 'hono/dist/hono-base.js', 'bellwetherListeners?.forEach('],
  ['hono', 'hono/dist/cjs/hono-base.js', 'bellwetherListeners?.forEach('],
])('%s is what it was when the hook was written: %s', (name, file, expected) => {
  const location = path.join(ROOT, 'node_modules', file);
  expect(hooked(name).file.test(`file://${location}`)).toBe(true);
  const text = withHandOver(hooked(name), readFileSync(location, 'utf8'));
  expect(text).toContain(expected);
  expect(text).toContain(`.hand('${name}'`);
});

test('files beside the hooked ones, and files of applications, are left alone', () => {
  const urls = [
    'file:///app/pg/lib/client.js',
    'file:///app/node_modules/pg/lib/client.js.map',
    'file:///app/node_modules/not-pg/lib/client.js',
    'file:///app/node_modules/pg/lib/native/client.js',
    'file:///app/src/node_modules.js',
  ];
  for (const url of urls) expect(HOOKED_MODULES.some(({ file }) => file.test(url))).toBe(false);
  expect(hooked('pg').file.test('file:///app/node_modules/.pnpm/pg@8.0.0/node_modules/pg/lib/client.js')).toBe(true);
});

test('what a module does not have is handed over as undefined, and a module that cannot be changed stays as it is', () => {
  const run = (source: string): unknown[] => {
    const handed: unknown[] = [];
    const key = Symbol.for('bellwether.modules');
    const before: unknown = Reflect.get(globalThis, key);
    Reflect.set(globalThis, key, { hand: (name: string, bindings: object) => handed.push([name, bindings]) });
    // eslint-disable-next-line typescript/no-implied-eval
    new Function(source)();
    Reflect.set(globalThis, key, before);
    return handed;
  };
  expect(run(withHandOver(hooked('pg'), 'var Client = 7'))).toEqual([['pg', { Client: 7 }]]);
  expect(run(withHandOver(hooked('pg'), ''))).toEqual([['pg', { Client: undefined }]]);
  expect(run(withHandOver(hooked('koa'), ''))).toEqual([]);
  expect(withHandOver(hooked('hono'), 'rewritten()')).toBe('rewritten()');
});

test('copies that load early and late are reached, one that fails is counted, and stopping lets go of all', () => {
  const modules = new LoadedModules();
  const events: string[] = [];
  let failures = 0;
  const watch = (watcher: string): Disposable =>
    modules.onLoad(
      'pg',
      ({ version }) => {
        if (version === 'broken') throw new Error('no');
        events.push(`${watcher} +${String(version)}`);
        return { [Symbol.dispose]: () => void events.push(`${watcher} -${String(version)}`) };
      },
      () => failures++,
    );
  modules.hand('pg', { version: 1 });
  const first = watch('a');
  modules.hand('pg', { version: 'broken' });
  modules.hand('pg', { version: 2 });
  first[Symbol.dispose]();
  modules.hand('pg', { version: 3 });
  using _again = watch('b');
  expect(events).toEqual(['a +1', 'a +2', 'a -2', 'a -1', 'b +1', 'b +2', 'b +3']);
  expect(failures).toBe(2);
});
