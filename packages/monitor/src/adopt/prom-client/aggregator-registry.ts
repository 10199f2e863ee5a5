import cluster, { type Worker } from 'node:cluster';
import { systemClock } from '../../base/system-clock.ts';
import { aggregators } from './aggregators.ts';
import type { MetricObject } from './metric-object.ts';
import { PROMETHEUS_CONTENT_TYPE, register, Registry, type RegistryContentType } from './registry.ts';

const ASK = 'bellwether.prom-client.ask';
const ANSWER = 'bellwether.prom-client.answer';
const PATIENCE_MS = 5000;

interface Question {
  readonly type: typeof ASK;
  readonly id: string;
}
interface Answer {
  readonly type: typeof ANSWER;
  readonly id: string;
  readonly metrics?: readonly (readonly MetricObject[])[];
  readonly error?: string;
}

/** What this process answers with when its primary asks. */
const answering = { isListening: false, registries: [register] as readonly Registry[] };

function answerPrimary(message: unknown): void {
  if ((message as Question | null)?.type !== ASK) return;
  const { id } = message as Question;
  Promise.all(answering.registries.map((registry) => registry.getMetricsAsJSON())).then(
    (metrics) => process.send?.({ type: ANSWER, id, metrics } satisfies Answer),
    (error: unknown) =>
      process.send?.({ type: ANSWER, id, error: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
}

/** prom-client's registry for cluster: in a worker it answers, in the primary it asks all workers and adds up. */
export class AggregatorRegistry extends Registry {
  constructor(contentType: RegistryContentType = PROMETHEUS_CONTENT_TYPE) {
    super(contentType);
    if (!cluster.isWorker || answering.isListening) return;
    answering.isListening = true;
    process.on('message', answerPrimary);
  }

  /** Exposition of all workers together; '' without any. @throws {Error} when one does not answer within 5 s. */
  async clusterMetrics(): Promise<string> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected() === true) as Worker[];
    if (workers.length === 0) return '';
    const id = `${process.pid}-${systemClock.random().toString(36).slice(2)}`;
    const answers = await Promise.all(workers.map((worker) => ask(worker, id)));
    return AggregatorRegistry.aggregate(answers.flat(), this.contentType).metrics();
  }

  /** @param metrics What `getMetricsAsJSON` gave in each process. @throws {Error} for an unknown aggregator. */
  static aggregate(metrics: readonly (readonly MetricObject[])[], contentType: RegistryContentType = PROMETHEUS_CONTENT_TYPE): Registry {
    const aggregated = new Registry(contentType);
    for (const same of Map.groupBy(metrics.flat(), ({ name }) => name).values()) {
      const [{ aggregator } = { aggregator: 'sum' as const }] = same;
      const aggregate = aggregators[aggregator];
      if (typeof aggregate !== 'function') throw new Error(`'${aggregator as string}' is not a defined aggregator.`);
      const metric = aggregate(same);
      if (metric !== undefined) aggregated.registerMetric({ ...metric, get: () => Promise.resolve(metric), reset: () => {} });
    }
    return aggregated;
  }

  /** Registries a worker answers with. @default the global one */
  static setRegistries(registries: Registry | readonly Registry[]): void {
    const list = Array.isArray(registries) ? (registries as readonly Registry[]) : [registries as Registry];
    for (const registry of list) if (!(registry instanceof Registry)) throw new TypeError(`Expected Registry, got ${typeof registry}`);
    answering.registries = list;
  }
}

function ask(worker: Worker, id: string): Promise<readonly (readonly MetricObject[])[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly (readonly MetricObject[])[]>();
  const timer = systemClock.schedule(PATIENCE_MS, () => reject(new Error('Operation timed out.')));
  const onMessage = (message: unknown): void => {
    const answer = message as Answer | null;
    if (answer?.type !== ANSWER || answer.id !== id) return;
    if (answer.error === undefined) resolve(answer.metrics ?? []);
    else reject(new Error(answer.error));
  };
  worker.on('message', onMessage);
  worker.send({ type: ASK, id } satisfies Question);
  return promise.finally(() => {
    timer.cancel();
    worker.off('message', onMessage);
  });
}
