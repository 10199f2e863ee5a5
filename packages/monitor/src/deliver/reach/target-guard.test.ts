import { expect, test } from 'vitest';
import { createTargetGuard } from './target-guard.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '::1',
  '[::1]',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
])('%s is refused', (address) => {
  expect(() => createTargetGuard([]).check(address)).toThrow(expect.objectContaining({ code: 'target_refused' }));
});

test.each(['::7f00:1', '4000::1', '[64:ff9b:1::7f00:1]', 'fec0::1', 'fe80::1%lo', '3fff::1'])(
  'regression: %s, which nobody owns, is refused',
  (address) => {
    expect(() => createTargetGuard([]).check(address)).toThrow(expect.objectContaining({ code: 'target_refused' }));
  },
);

test.each(['8.8.8.8', '2606:4700:4700::1111', 'hooks.example.com'])('%s passes', (host) => {
  expect(() => createTargetGuard([]).check(host)).not.toThrow();
});

test('an allowed network is allowed, whatever the notation of the address, and no other', () => {
  const guard = createTargetGuard(['127.0.0.0/8', 'fd00::/8', '10.0.0.7']);
  for (const address of ['127.9.9.9', '::ffff:127.0.0.1', 'fd12::1', '10.0.0.7']) expect(() => guard.check(address)).not.toThrow();
  for (const address of ['10.0.0.8', '::1', '169.254.169.254']) expect(() => guard.check(address)).toThrow(/private, loopback/);
});

test('something that is neither an address nor a network is a mistake', () => {
  expect(() => createTargetGuard(['localhost'])).toThrow(RangeError);
});

test('a name is refused when any of its addresses is', async () => {
  const guard = createTargetGuard([], (_, done) =>
    done(null, [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]),
  );
  const error = await new Promise((resolve) => guard.lookup('rebind.example', { all: true }, resolve));
  expect(error).toMatchObject({ code: 'target_refused', details: { host: 'rebind.example', address: '10.0.0.1' } });
});

test('a public name resolves to its addresses, one or all', async () => {
  const guard = createTargetGuard([], (_, done) => done(null, [{ address: '8.8.8.8', family: 4 }]));
  const ask = (all: boolean) => new Promise((resolve) => guard.lookup('public.example', { all }, (...answer) => resolve(answer)));
  expect(await ask(true)).toEqual([null, [{ address: '8.8.8.8', family: 4 }]]);
  expect(await ask(false)).toEqual([null, '8.8.8.8', 4]);
});
