import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '@bellwether/monitor/testing';
import { expect, it } from 'vitest';
import { nextArrivalMs, zipf } from './arrivals.ts';
import { LoadGenerator } from './load-generator.ts';
import { MIX, plannedRequest } from './request-mix.ts';

const random = (() => {
  const clock = new FakeClock();
  return () => clock.random();
})();

it('arrivals have the mean rate that was asked for and are as irregular as chance', () => {
  const gaps = Array.from({ length: 20_000 }, () => nextArrivalMs(50, random));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(mean).toBeCloseTo(20, 0);
  expect(deviation / mean).toBeCloseTo(1, 1);
});

it('the first of many is drawn as often as its weight says, and nothing beyond the last', () => {
  const draw = zipf(100, 1);
  const counts = new Map<number, number>();
  for (let i = 0; i < 20_000; i++) {
    const number = draw(random);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  const harmonic = Array.from({ length: 100 }, (_, i) => 1 / (i + 1)).reduce((sum, term) => sum + term, 0);
  expect((counts.get(1) ?? 0) / 20_000).toBeCloseTo(1 / harmonic, 1);
  expect(Math.min(...counts.keys())).toBe(1);
  expect(Math.max(...counts.keys())).toBeLessThanOrEqual(100);
});

it('the shares of the mix add up to one, and every plan gives a path', () => {
  expect(MIX.reduce((sum, [share]) => sum + share, 0)).toBeCloseTo(1, 9);
  for (const [, plan] of MIX) expect(plan(random).path).toMatch(/^\//);
  expect(plannedRequest(() => 0.999).method).toBe('POST');
});

it('goes on sending while nothing is answered, up to its limit', async () => {
  let received = 0;
  const server = http.createServer(() => received++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = new FakeClock();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  using generator = new LoadGenerator({ url, perSecond: 100, clock, mostInFlight: 20 });
  generator.start();
  await clock.advance(1000);
  expect(generator.counts.sent).toBe(20);
  expect(generator.counts.dropped).toBeGreaterThan(50);
  await expect.poll(() => received).toBe(20);
  server.closeAllConnections();
  server.close();
});
