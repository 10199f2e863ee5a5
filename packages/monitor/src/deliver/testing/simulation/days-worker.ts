/** Lives through days on a thread of its own and posts what came of them: `{ first, days }` in, one `DaysResult` out. */
import { parentPort, workerData } from 'node:worker_threads';
import { FakeClock } from '../../../base/fake-clock.ts';
import { openSqliteStateStore } from '../../../store/state-store-sqlite.ts';
import { Day } from './day.ts';
import { brokenPromises } from './promises.ts';

/** How many days must break before the rest is left out. */
const MOST_BROKEN = 20;

export interface DaysWork {
  /** The first seed. */
  readonly first: number;
  readonly days: number;
}

export interface DaysResult {
  readonly broken: readonly { readonly seed: number; readonly promises: readonly string[]; readonly events: readonly string[] }[];
  /** Over all days, to see that there was something to promise. */
  readonly alerts: number;
  readonly messages: number;
  readonly escalations: number;
  readonly repetitions: number;
}

async function live({ first, days }: DaysWork): Promise<DaysResult> {
  await using store = await openSqliteStateStore({ path: ':memory:', clock: new FakeClock() });
  const broken = [];
  const total = { alerts: 0, messages: 0, escalations: 0, repetitions: 0 };
  for (let seed = first; seed < first + days && broken.length < MOST_BROKEN; seed++) {
    const result = await (await Day.open(seed, store)).run();
    const promises = brokenPromises(result);
    if (promises.length > 0) broken.push({ seed, promises, events: result.events });
    total.alerts += result.alerts.length;
    total.messages += result.sent.length;
    for (const { notification } of result.sent) {
      if (notification.reason === 'escalated') total.escalations++;
      if (notification.reason === 'repeat') total.repetitions++;
    }
  }
  return { broken, ...total };
}

parentPort?.postMessage(await live(workerData as DaysWork));
