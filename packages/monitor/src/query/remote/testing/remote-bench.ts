import { vi } from 'vitest';
import type { TestServer } from '../../../../../../tests/servers/servers.ts';
import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../base/system-clock.ts';
import type { MetricMeta } from '../../../model/metric.ts';
import { openEmbeddedStore } from '../../../store/embedded-store.ts';
import { RemoteTarget } from '../../../store/remote/remote-target.ts';
import { RemoteWrite } from '../../../store/remote/remote-write.ts';
import { batchOf } from '../../../store/sample-store.contract.ts';
import type { SampleStore } from '../../../store/sample-store.ts';
import type { HeldSeries, QueryEngineUnderTest } from '../../query-engine.contract.ts';
import { RemoteQueryEngine } from '../remote-query-engine.ts';

/** A store in memory with these samples, taken instant by instant as they would come. */
export function storeWith(series: HeldSeries, options: { readonly keepsOutgoing?: boolean } = {}): SampleStore {
  const store = openEmbeddedStore({ path: ':memory:', clock: systemClock, log: silentLogger, commitIntervalMs: 5, ...options });
  const refs = series.map(({ name, labels }) => store.ref({ name, labels }));
  const samples = series.flatMap(({ samples }, i) => samples.map(([atMs, value]) => [refs[i] ?? 0, atMs, value] as const));
  store.append(batchOf(samples.toSorted(([, a], [, b]) => a - b)));
  return store;
}

/** Sends samples to a real server as a program does, and asks it. */
export async function openRemote(server: TestServer, series: HeldSeries): Promise<QueryEngineUnderTest> {
  const store = storeWith(series, { keepsOutgoing: true });
  await store.flush();
  const target = new RemoteTarget(server.url, systemClock);
  const asked = new RemoteTarget(server.url, systemClock);
  const sender = new RemoteWrite({ store, target, clock: systemClock, log: silentLogger });
  const count = series.reduce((sum, { samples }) => sum + samples.length, 0);
  await vi.waitFor(
    () => {
      const { sentSamples, droppedSamples, problem } = sender.status;
      if (sentSamples + droppedSamples.refused !== count) throw new Error(`${sentSamples} of ${count} sent; ${problem}`);
    },
    { timeout: 30_000, interval: 50 },
  );
  if (sender.status.droppedSamples.refused > 0) throw new Error('samples were refused');
  // VictoriaMetrics shows what it took when it is asked to; Prometheus does not know the question.
  await fetch(`${server.url}/internal/force_flush`, { method: 'POST' });
  return {
    query: new RemoteQueryEngine({ target: asked, clock: systemClock, metadata: () => new Map<string, MetricMeta>() }),
    async [Symbol.asyncDispose]() {
      await sender[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      target[Symbol.dispose]();
      asked[Symbol.dispose]();
    },
  };
}
