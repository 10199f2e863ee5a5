import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { countingIds } from '../base/ids.ts';
import { silentLogger } from '../base/logger.ts';
import { NO_DELIVERY } from '../deliver/delivery-config.ts';
import type { StateStore } from '../store/state-store.ts';
import { openTestState } from '../store/testing/open-test-state.ts';
import { Notifying } from './notifying.ts';

const open = (state: StateStore, clock: FakeClock): Promise<Notifying> =>
  Notifying.open(
    { state, clock, log: silentLogger, ids: countingIds('id'), allowPrivateTargets: [], secretsFolder: undefined },
    NO_DELIVERY,
  );
const inbox = (name: string): { kind: 'channel'; name: string; body: object } => ({
  kind: 'channel',
  name,
  body: { name, kind: 'dashboard' },
});
const route = (name: string, position?: number): { kind: 'route'; name: string; body: object; position: number | undefined } => ({
  kind: 'route',
  name,
  body: { matchers: [`r="${name}"`] },
  position,
});
const names = (notifying: Notifying, kind: 'channel' | 'route'): readonly string[] => notifying.saved(kind).map(({ name }) => name);

test('what was saved is there after a restart, in its order', async () => {
  const clock = new FakeClock();
  await using state = await openTestState(clock);
  {
    await using notifying = await open(state, clock);
    await notifying.create(inbox('a'));
    for (const id of ['api.1', 'api.2', 'api.3']) await notifying.create(route(id));
    await notifying.replace(route('api.3', 0));
    await notifying.remove({ kind: 'route', name: 'api.1' });
    expect(names(notifying, 'route')).toEqual(['api.3', 'api.2']);
  }
  await using again = await open(state, clock);
  expect([names(again, 'channel'), names(again, 'route')]).toEqual([['a'], ['api.3', 'api.2']]);
  expect(again.routing.find({ r: 'api.2' })).toMatchObject([{ id: 'api.2' }]);
});

test('servers that share the state take each other’s changes, also those of one moment', async () => {
  const clock = new FakeClock();
  await using state = await openTestState(clock);
  await using one = await open(state, clock);
  await using other = await open(state, clock);
  const steps: readonly (() => Promise<void>)[] = [
    () => one.create(inbox('a')),
    () => one.replace({ ...inbox('a'), body: { name: 'a', kind: 'dashboard', minimum_severity: 'high' } }),
    () => one.create(inbox('b')),
    // As many as before, at the same time.
    async () => {
      await one.remove({ kind: 'channel', name: 'a' });
      await one.create(inbox('c'));
    },
    () => one.remove({ kind: 'channel', name: 'c' }),
  ];
  for (const step of steps) {
    await step();
    await other.takeChanges();
    expect(other.config.channels).toEqual(one.config.channels);
    expect(other.delivery.channels).toEqual(one.delivery.channels);
  }
});

test('a change is made to what another server wrote last', async () => {
  const clock = new FakeClock();
  await using state = await openTestState(clock);
  await using one = await open(state, clock);
  await using other = await open(state, clock);
  await one.create(inbox('a'));
  await expect(other.create(inbox('a'))).rejects.toMatchObject({ code: 'state_conflict' });
  await other.create(route('api.1'));
  await other.create({ ...route('api.2'), body: { channels: ['a'] } });
  await expect(one.remove({ kind: 'channel', name: 'a' })).rejects.toMatchObject({
    code: 'state_conflict',
    message: 'The channel "a" is named by route api.2',
  });
  expect(names(other, 'channel')).toEqual(['a']);
});

test('changes asked for at once are all made, and one that is refused changes nothing', async () => {
  const clock = new FakeClock();
  await using state = await openTestState(clock);
  await using notifying = await open(state, clock);
  const results = await Promise.allSettled([
    notifying.create(inbox('a')),
    notifying.create({ ...inbox('b'), body: { name: 'b', kind: 'webhook', url: 'http://127.0.0.1' } }),
    notifying.create(inbox('a')),
    notifying.create(inbox('c')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(names(notifying, 'channel')).toEqual(['a', 'c']);
  expect(await state.db.selectFrom('delivery_parts').select('name').orderBy('name').execute()).toEqual([{ name: 'a' }, { name: 'c' }]);
});

test('a stored part that is no JSON is told, and harms nobody', async () => {
  const clock = new FakeClock();
  await using state = await openTestState(clock);
  const row = { kind: 'channel', name: 'torn', position: 0, body_json: '{"na', updated_at_ms: 1 } as const;
  await state.db.insertInto('delivery_parts').values(row).execute();
  await using notifying = await open(state, clock);
  await notifying.create(inbox('a'));
  expect(notifying.saved('channel')).toMatchObject([
    { name: 'torn', body: undefined, problem: expect.stringContaining('kind must be') },
    { name: 'a', problem: undefined },
  ]);
  await notifying.remove({ kind: 'channel', name: 'torn' });
  expect(names(notifying, 'channel')).toEqual(['a']);
});
