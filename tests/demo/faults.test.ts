/**
 * The demo's promise, from outside: each fault, switched on in a running market under load, brings the matching recommendation within
 * 30 s both on the server it pushes to and on its own embedded monitor; switched off, both take it back. Faults that do not disturb one
 * another are on together, or this would take ten minutes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../contract/server-process.ts';
import { adviceAt, MarketProcess, type Advice } from './market-process.ts';

const APPEARS_WITHIN_MS = 30_000;
const CLEARS_WITHIN_MS = 60_000;
const WARM_UP_MS = 25_000;

/** How the advice on each fault begins or what it names. */
const SIGNS = {
  'slow-query': /^Query without a fitting index: SELECT .* FROM trades/,
  'n-plus-one': /^N\+1 queries: .* SELECT question, last_price FROM markets/,
  blocking: /^Synchronous work blocks/,
  'small-cache': /^Cache "small" is too small/,
  stampede: /^Cache "default" is stampeded/,
  'heap-leak': /^The heap of .* grows/,
  'error-burst': /calls of GET \/users\/:id\/portfolio fail$/,
  'slow-downstream': /^Calls to 127\.0\.0\.1:\d+ take/,
} as const;
type Fault = keyof typeof SIGNS;

let server: ServerProcess;
let market: MarketProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
  market = await MarketProcess.start(server);
}, 40_000);
afterAll(async () => {
  await market.stop();
  await server.stop();
}, 20_000);

/** Advice on the market's own doing: how busy or full this machine is does not belong to it. */
const ownAdvice = (advice: readonly Advice[]): string[] =>
  advice.map(({ title }) => title).filter((title) => !/^(CPU|Memory|Volume) /.test(title));

/** Faults whose sign is not, or with `present: false` still, shown on either side when the time is up. */
async function missing(faults: readonly Fault[], present: boolean, withinMs: number): Promise<string[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const sides = { server: await adviceAt(server.port), embedded: await market.recommendations() };
    const wrong = Object.entries(sides).flatMap(([side, advice]) =>
      faults.filter((fault) => advice.some(({ title }) => SIGNS[fault].test(title)) !== present).map((fault) => `${fault} (${side})`),
    );
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function switchAll(faults: readonly Fault[], on: boolean): Promise<void> {
  for (const fault of faults) await market.switchFault(fault, on);
}

describe('the demo', () => {
  it('gives no advice on a healthy market', { timeout: WARM_UP_MS + 10_000 }, async () => {
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    expect(ownAdvice(await market.recommendations())).toEqual([]);
    expect(ownAdvice(await adviceAt(server.port))).toEqual([]);
  });

  const together: readonly (readonly Fault[])[] = [
    ['small-cache', 'heap-leak', 'error-burst', 'slow-downstream', 'n-plus-one'],
    ['slow-query', 'stampede'],
    ['blocking'],
  ];
  it.each(together.map((faults) => [faults.join(', '), faults] as const))(
    'names %s while they are on, and no longer when they are off',
    { timeout: APPEARS_WITHIN_MS + CLEARS_WITHIN_MS + 10_000 },
    async (_names, faults) => {
      await switchAll(faults, true);
      expect(await missing(faults, true, APPEARS_WITHIN_MS)).toEqual([]);
      await switchAll(faults, false);
      expect(await missing(faults, false, CLEARS_WITHIN_MS)).toEqual([]);
    },
  );
});
