import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { randomIds, type IdSource } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { AppendResult } from '../model/sample-batch.ts';
import type { IncomingSeries } from '../model/metric.ts';
import type { SampleStore } from '../store/sample-store.ts';
import { createAdvisor } from '../advise/create-advisor.ts';
import { createAlerting } from '../alerts/create-alerting.ts';
import { createHostCollectors } from '../collect/host-collectors.ts';
import { NO_DELIVERY, type DeliveryConfig } from '../deliver/delivery-config.ts';
import { createQueryEngine } from '../query/create-query-engine.ts';
import { parseRuleFiles, type RuleFile } from '../rules/groups/rule-files.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import { openRemoteStore } from './remote-store.ts';
import { openDataDir } from '../store/data-dir.ts';
import { openEmbeddedStore } from '../store/embedded-store.ts';
import type { EmbeddedStoreOptions } from '../store/embedded-store-options.ts';
import { openPostgresStateStore } from '../store/postgres/state-store-postgres.ts';
import { openSqliteStateStore } from '../store/state-store-sqlite.ts';
import type { CacheControl } from './engine-api.ts';
import { Notifying } from './notifying.ts';
import { RunningEngine, type MetricSource } from './running-engine.ts';
import { StoreWriter } from './store-writer.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** @default random UUIDs */
  readonly ids?: IdSource;
  /** Folder for samples and state, or `:memory:`. */
  readonly dataDir: string;
  /** PostgreSQL for the state, shared with the other servers that name it. @default embedded, in `dataDir` */
  readonly stateUrl?: string | undefined;
  /** A Prometheus-compatible engine that samples are sent to and that answers queries of people and programs. @default embedded alone */
  readonly storeUrl?: string | undefined;
  readonly intervalMs: number;
  readonly thresholds: Thresholds;
  readonly environment?: string | undefined;
  /** Who hears of alerts. @default nobody */
  readonly delivery?: DeliveryConfig;
  readonly allowPrivateTargets?: readonly string[];
  readonly ruleFiles?: readonly RuleFile[];
  readonly externalLabels?: Labels;
  readonly externalUrl?: string;
  /** How long samples are kept, and when they are on disk. @default 15 days, committed once a second */
  readonly samples?: Pick<EmbeddedStoreOptions, 'retention' | 'commit'> | undefined;
  readonly caches: CacheControl;
  /** Parts of this thread to read at each collection: its registry and observers. */
  readonly sources?: readonly MetricSource[];
  /** Whether to measure the host and the process. @default true */
  readonly collectHost?: boolean;
}

/**
 * Builds the engine: the one place that knows every part. It does not collect until `startCollection`.
 * @throws BellwetherError `data_dir_unwritable` | `data_dir_locked` | `config_invalid` | `rule_invalid`
 */
export async function createEngine(options: EngineOptions): Promise<RunningEngine> {
  const { clock, log, intervalMs } = options;
  const ids = options.ids ?? randomIds;
  const resources = new AsyncDisposableStack();
  try {
    const dataDir = options.dataDir === ':memory:' ? undefined : resources.use(openDataDir(options.dataDir));
    const storeOptions = { ...options.samples, keepsOutgoing: options.storeUrl !== undefined };
    const store = resources.use(openEmbeddedStore({ path: dataDir?.samplesPath ?? ':memory:', clock, log, ...storeOptions }));
    const { stateUrl } = options;
    const state = resources.use(
      stateUrl === undefined
        ? await openSqliteStateStore({ path: dataDir?.statePath ?? ':memory:', clock })
        : await openPostgresStateStore({ url: stateUrl, clock, server: dataDir?.serverId ?? ids() }),
    );
    for (const problem of state.problems) log.error({}, problem);
    const query = createQueryEngine({ store, clock });
    const remote = options.storeUrl === undefined ? undefined : openRemoteStore({ ...options, url: options.storeUrl, store, resources });
    const { environment, delivery = NO_DELIVERY, allowPrivateTargets = [] } = options;
    const notifying = resources.use(
      await Notifying.open({ state, clock, log, ids, allowPrivateTargets, secretsFolder: dataDir?.secretsPath }, delivery),
    );
    const alerting = resources.use(
      await createAlerting({
        state,
        query,
        clock,
        log,
        ids,
        thresholds: options.thresholds,
        intervalMs,
        ruleGroups: parseRuleFiles(options.ruleFiles ?? [], { environment }),
        record: recorderOf(store),
        environment,
        ...(options.externalLabels === undefined ? {} : { externalLabels: options.externalLabels }),
        ...(options.externalUrl === undefined ? {} : { externalUrl: options.externalUrl }),
        inhibitRules: delivery.inhibitRules,
        ladder: (alert) => notifying.ladderOf(alert),
        resolveTimeoutMs: () => notifying.config.resolveTimeoutMs,
        plan: notifying.plan,
      }),
    );
    const advisor = createAdvisor({ query, clock, log, intervalMs, thresholds: () => alerting.thresholds });
    const collectors =
      options.collectHost === false
        ? undefined
        : createHostCollectors({ clock, log, ...(dataDir === undefined ? {} : { dataDir: dataDir.path }) });
    return new RunningEngine({
      ...options,
      resources,
      store,
      state,
      query: remote?.query ?? query,
      remoteWrite: remote?.write,
      notifying,
      alerting,
      advisor,
      collectors,
      sources: options.sources ?? [],
    });
  } catch (error) {
    await resources.disposeAsync();
    if (error instanceof BellwetherError || error instanceof RangeError || error instanceof TypeError) throw error;
    throw new BellwetherError('state_unavailable', `The engine could not start: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Puts what rules yield into the store, readable at once. Labels of alerts are made for the moment, so that series are looked up by what they say
 * and not, as the writer of pushed samples does, by the object that says it.
 */
function recorderOf(store: SampleStore): (series: readonly IncomingSeries[]) => AppendResult {
  const writer = new StoreWriter(store);
  return (series) => {
    writer.addOnce(series);
    return writer.commit();
  };
}
