import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { RemoteQueryEngine } from '../query/remote/remote-query-engine.ts';
import { RemoteTarget } from '../store/remote/remote-target.ts';
import { RemoteWrite } from '../store/remote/remote-write.ts';
import type { SampleStore } from '../store/sample-store.ts';

export interface RemoteStore {
  readonly query: QueryEngine;
  readonly write: RemoteWrite;
}

/** Sends what the store takes to the engine at `url` and asks it. What it opens is disposed of with the resources, sending first. */
export function openRemoteStore(options: {
  readonly url: string;
  readonly store: SampleStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly externalLabels?: Labels;
  readonly resources: AsyncDisposableStack;
}): RemoteStore {
  const { url, store, clock, log, externalLabels = {}, resources } = options;
  // Apart: whether sending had to connect anew must not depend on who asks meanwhile.
  const asked = resources.use(new RemoteTarget(url, clock));
  const target = resources.use(new RemoteTarget(url, clock));
  return {
    query: new RemoteQueryEngine({ target: asked, clock, metadata: () => store.metadata() }),
    write: resources.use(new RemoteWrite({ store, target, clock, log, externalLabels })),
  };
}
