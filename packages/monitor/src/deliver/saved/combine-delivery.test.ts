import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileLadders } from '../../alerts/escalation/find-ladder.ts';
import { planTargets, quietHoursOf } from '../channels/channel-config.ts';
import { NO_DELIVERY, type DeliveryConfig } from '../delivery-config.ts';
import { parseMatchers } from '../routing/parse-matchers.ts';
import { createRouting, DEFAULT_ROUTE } from '../routing/routing.ts';
import { combineDelivery } from './combine-delivery.ts';
import { NO_PARTS, type DeliveryPart } from './delivery-parts.ts';

const FILE: DeliveryConfig = {
  ...NO_DELIVERY,
  channels: [{ name: 'ops', kind: 'dashboard' }],
  ladders: [{ name: 'file', matchers: [], steps: [{ afterMs: 60_000, channels: ['ops'] }], minimumSeverity: 'low' }],
  routing: {
    root: {
      ...DEFAULT_ROUTE,
      receiver: 'ops',
      routes: [{ ...DEFAULT_ROUTE, id: '0.0', receiver: 'ops', matchers: parseMatchers('team="ops"') }],
    },
  },
};
const named = (name: string, body: unknown): DeliveryPart => ({ name, body });

const field = fc.constantFrom(
  'name',
  'kind',
  'url',
  'token',
  'quiet_hours',
  'receiver',
  'channels',
  'matchers',
  'match',
  'routes',
  'mute_time_intervals',
  'group_by',
  'group_wait',
  'steps',
  'after',
  'repeat',
  'minimum_severity',
);
const value = fc.constantFrom<unknown>('ops', 'webhook', 'dashboard', 'file:x', 'env:HOME', 60, 'x="y"', '5m', null, true, [], {}, [['x']]);
const { body } = fc.letrec((tie) => ({
  body: fc.oneof({ maxDepth: 4 }, value, fc.dictionary(field, tie('body'), { maxKeys: 6 }), fc.array(tie('body'), { maxLength: 3 })),
}));
const parts = fc
  .array(fc.tuple(fc.constantFrom('ops', 'file', 'default', '0', '0.0', 'a', 'b', '__proto__'), body))
  .map((given) => [...new Map(given.map(([name, one]) => [name, named(name, one)])).values()]);

test('property: whatever was saved, the file keeps all it says, the rest can be used, and what is left out has a problem', () => {
  fc.assert(
    fc.property(parts, parts, parts, (channel, route, ladder) => {
      const { config, ofApi, problems } = combineDelivery(FILE, { channel, route, ladder });
      expect(config.channels[0]).toBe(FILE.channels[0]);
      expect(config.ladders).toEqual(expect.arrayContaining([...FILE.ladders]));
      expect(config.routing.root?.routes[0]).toEqual(FILE.routing.root?.routes[0]);
      const routing = createRouting({ ...config.routing, quietHours: quietHoursOf(config.channels) });
      expect(routing.find({ team: 'ops' })).toMatchObject([{ id: '0.0' }]);
      expect(routing.find({ team: 'other' }).length).toBeGreaterThan(0);
      expect(compileLadders(config.ladders)({ metricName: 'x', labels: {}, severity: 'low' }).steps.length).toBeGreaterThan(0);
      expect(new Set(planTargets(config.channels).map(({ name }) => name)).size).toBe(config.channels.length);
      for (const { name } of channel) expect(ofApi.has(name) || problems.channel.has(name)).toBe(true);
      const working = new Set(config.routing.root?.routes.map(({ id }) => id));
      for (const { name } of route) expect(working.has(name) || problems.route.has(name)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a channel that can no longer be read keeps its place, so that routes that name it do not lose it', () => {
  const { config, problems } = combineDelivery(NO_DELIVERY, {
    ...NO_PARTS,
    channel: [named('old', { kind: 'pigeon' })],
    route: [named('api.1', { channels: ['old'] })],
  });
  expect(problems.channel.get('old')?.message).toContain('kind must be one of');
  expect(problems.route.size).toBe(0);
  expect(createRouting(config.routing).channelsOf('api.1')).toEqual(['old']);
});

test('a route of the API inherits the receiver and the pace of the root', () => {
  const pace = { kind: 'labels', by: ['job'], waitMs: 1, intervalMs: 2, repeatMs: 3 } as const;
  const { config } = combineDelivery(
    { ...FILE, routing: { root: { ...DEFAULT_ROUTE, receiver: 'ops', grouping: pace } } },
    { ...NO_PARTS, route: [named('api.1', { group_wait: '9ms' })] },
  );
  expect(config.routing.root?.routes[0]).toMatchObject({ id: 'api.1', receiver: 'ops', grouping: { ...pace, waitMs: 9 } });
});
