import fc from 'fast-check';
import { expect, test } from 'vitest';
import { belongsTo, incidentTitle, likelyRoot, type Incident, type IncidentMember } from './correlate.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function member(some: Partial<IncidentMember> = {}): IncidentMember {
  return {
    alertId: 'a',
    metricName: 'cpu_usage',
    labels: { instance: 'shop-1', job: 'shop' },
    severity: 'high',
    message: 'CPU usage is 93.0%, exceeding threshold of 90.0',
    beganAtMs: 0,
    endedAtMs: undefined,
    ...some,
  };
}
const incident = (...members: readonly IncidentMember[]): Incident => ({ id: 'i', startedAtMs: 0, endedAtMs: undefined, members });

test('what begins soon after on the same host or in the same service belongs to the incident', () => {
  const one = incident(member());
  expect(belongsTo(one, member({ labels: { instance: 'shop-1' }, beganAtMs: 4 * MINUTE }))).toBe(true);
  expect(belongsTo(one, member({ labels: { instance: 'shop-2', job: 'shop' }, beganAtMs: MINUTE }))).toBe(true);
  expect(belongsTo(one, member({ labels: { instance: 'mail-1', job: 'mail' }, beganAtMs: MINUTE }))).toBe(false);
  expect(belongsTo(one, member({ beganAtMs: 6 * MINUTE }))).toBe(false);
  expect(belongsTo({ ...one, endedAtMs: MINUTE }, member({ beganAtMs: 2 * MINUTE }))).toBe(false);
});

test('what spreads over three places within a minute takes what begins then, wherever', () => {
  const spread = incident(...['a', 'b', 'c'].map((job, i) => member({ labels: { job }, beganAtMs: i * 10 * SECOND })));
  expect(belongsTo(spread, member({ labels: { job: 'd' }, beganAtMs: 30 * SECOND }))).toBe(true);
  expect(belongsTo(spread, member({ labels: { job: 'd' }, beganAtMs: 3 * MINUTE }))).toBe(false);
});

test('the likely root is who began first; of those that began together, who is nearer to a cause', () => {
  const slow = member({ alertId: 'slow', metricName: 'api_response_time', beganAtMs: 2 * SECOND });
  const query = member({ alertId: 'query', metricName: 'database_query_time', beganAtMs: 5 * SECOND });
  const disk = member({ alertId: 'disk', metricName: 'disk_usage', beganAtMs: 60 * SECOND });
  expect(likelyRoot([slow, query, disk])?.alertId).toBe('query');
  expect(likelyRoot([slow, disk])?.alertId).toBe('slow');
});

test('the title names the root, how many follow and in how many places', () => {
  const others = ['b', 'c'].map((instance) => member({ alertId: instance, labels: { instance }, beganAtMs: MINUTE, message: 'x' }));
  expect(incidentTitle(incident(member(), ...others))).toBe(
    'CPU usage is 93.0%, exceeding threshold of 90.0, and 2 more alerts in 3 places',
  );
  expect(incidentTitle(incident(member()))).toBe('CPU usage is 93.0%, exceeding threshold of 90.0');
});

test('property: an alert belongs to the incident that a twin of it opened just before', () => {
  const labels = fc.dictionary(fc.constantFrom('instance', 'job', 'team'), fc.constantFrom('x', 'y'));
  fc.assert(
    fc.property(labels, fc.nat(299_999), (some, laterMs) => {
      expect(belongsTo(incident(member({ labels: some })), member({ labels: some, beganAtMs: laterMs }))).toBe(
        ['instance', 'job'].some((name) => some[name] !== undefined) || Object.keys(some).every((name) => name === 'team'),
      );
    }),
  );
});
