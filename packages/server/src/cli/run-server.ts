import { enhancedCache } from '@bellwether/cache';
import {
  createEngine,
  createLocalCaches,
  createRegistry,
  createRuntimeObservers,
  observeHttp,
  observeCaches,
  parseConfig,
  parseRuleFiles,
  systemClock,
  type Logger,
  type MonitorConfig,
  type RunningEngine,
} from '@bellwether/monitor/engine';
import { serveEngine, type ServedEngine } from '../serve-engine.ts';

/** A server at work. Disposing stops it in order: sockets first, then the engine, which flushes. */
export interface RunningServer extends AsyncDisposable {
  readonly engine: RunningEngine;
  readonly served: ServedEngine;
  /** Reads configuration files again: thresholds, rules, channels and all that decides who hears of what. */
  readonly reload: () => Promise<void>;
}

/** Engine, own measurement and HTTP in one process. @throws BellwetherError for a port, folder or setting that cannot be used */
export async function runServer(
  config: MonitorConfig,
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly log: Logger },
): Promise<RunningServer> {
  const { log, env } = options;
  const clock = systemClock;
  await using resources = new AsyncDisposableStack();
  // Touched so that the server's own cache exists and shows in the statistics.
  enhancedCache.stats();
  const registry = createRegistry({ clock });
  resources.use(observeCaches(registry));
  resources.use(observeHttp(registry, { clock }));
  const observers = resources.use(createRuntimeObservers({ registry, clock }));
  const engine = resources.use(
    await createEngine({
      clock,
      log,
      dataDir: config.dataDir,
      stateUrl: config.stateUrl,
      storeUrl: config.storeUrl,
      intervalMs: config.intervalMs,
      thresholds: config.thresholds,
      environment: config.environment,
      ruleFiles: config.ruleFiles,
      externalLabels: config.externalLabels,
      externalUrl: config.externalUrl,
      samples: config.samples,
      delivery: config.delivery,
      allowPrivateTargets: config.allowPrivateTargets,
      caches: createLocalCaches(clock),
      sources: [
        {
          drain: (nowMs) => {
            observers.sample(nowMs);
            return registry.drain(nowMs);
          },
        },
      ],
    }),
  );
  const reload = async (): Promise<void> => {
    const { thresholds, ruleFiles, environment, delivery } = parseConfig(env);
    await engine.reconfigure(delivery);
    await engine.alerting.rules.replaceFileGroups(parseRuleFiles(ruleFiles, { environment }));
    engine.alerting.thresholds = thresholds;
  };
  // Whoever finds the server ready finds readings, too.
  if (config.enabled) await engine.startCollection();
  const served = await serveEngine(engine, { ...config, log, reload });
  resources.defer(() => served.close());
  const owned = resources.move();
  return { engine, served, reload, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
