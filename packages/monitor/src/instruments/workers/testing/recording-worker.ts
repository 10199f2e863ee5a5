/** A worker thread or cluster worker that records a thousand jobs and ends. */
import { systemClock } from '../../../base/system-clock.ts';
import { createRegistry } from '../../registry.ts';
import { relayToMain } from '../worker-relay.ts';

const registry = createRegistry({ clock: systemClock });
const relay = await relayToMain(registry, systemClock);
if (relay === undefined) throw new Error('nobody listens');
for (let i = 0; i < 1000; i++) {
  registry.counter('jobs_total').add();
  registry.timer('work_time').record(i);
}
relay[Symbol.dispose]();
if (process.connected) process.disconnect();
