import { isFaultName, type FaultBoard } from '../faults/fault-board.ts';
import { MarketError } from '../market/market-error.ts';
import type { Call, Router } from './router.ts';

/** Switches for faults. They answer on loopback only, whatever address the market listens on. */
export function addFaultRoutes(router: Router, faults: FaultBoard): void {
  router.add('GET', '/faults', (call) => {
    refuseStrangers(call);
    return { faults: faults.list() };
  });
  router.add('POST', '/faults/:name', async (call) => {
    refuseStrangers(call);
    const name = call.parameters['name'] ?? '';
    const body = (await call.json()) as { readonly on?: unknown } | null;
    if (!isFaultName(name)) throw new MarketError(404, 'fault_unknown', `There is no fault ${name}; GET /faults lists them.`);
    if (typeof body?.on !== 'boolean') throw new MarketError(400, 'fault_invalid', 'The body is {"on": true} or {"on": false}.');
    faults.set(name, body.on);
    return { name, on: body.on };
  });
}

function refuseStrangers({ remoteAddress }: Call): void {
  const isLoopback = /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
  if (!isLoopback) throw new MarketError(403, 'loopback_only', 'Faults are switched from this host only.');
}
