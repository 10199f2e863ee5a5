import { CATEGORIES, DEMO_SIZE } from '../market/seed.ts';
import { zipf, type Random } from './arrivals.ts';

export interface PlannedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

const market = zipf(DEMO_SIZE.markets, 1.1);
const user = (random: Random): number => 1 + Math.floor(random() * DEMO_SIZE.users);
const get = (path: string): PlannedRequest => ({ method: 'GET', path });

function order(random: Random): PlannedRequest {
  const body = {
    market_id: market(random),
    user_id: user(random),
    outcome: random() < 0.5 ? 'yes' : 'no',
    price: 20 + Math.floor(random() * 50),
    quantity: 1 + Math.floor(random() * 10),
  };
  return { method: 'POST', path: '/orders', body: JSON.stringify(body) };
}

/** What visitors do, with the share of requests each thing has. The shares add up to 1. */
export const MIX: readonly (readonly [share: number, plan: (random: Random) => PlannedRequest])[] = [
  [0.24, (random) => get(`/markets/${market(random)}`)],
  [0.1, () => get('/markets')],
  [0.08, (random) => get(`/markets?category=${CATEGORIES[Math.floor(random() * CATEGORIES.length)] ?? 'politics'}`)],
  [0.1, (random) => get(`/markets/${market(random)}/book`)],
  [0.24, (random) => get(`/markets/${market(random)}/trades`)],
  [0.12, (random) => get(`/users/${user(random)}/portfolio`)],
  [0.05, (random) => get(`/markets/${market(random)}/odds`)],
  [0.05, () => get('/leaderboard')],
  [0.02, order],
];

/** Draws what the next visitor does. */
export function plannedRequest(random: Random): PlannedRequest {
  let left = random();
  for (const [share, plan] of MIX) {
    left -= share;
    if (left < 0) return plan(random);
  }
  return get('/markets');
}
