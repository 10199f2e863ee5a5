import { FakeClock } from '../../base/fake-clock.ts';
import { countingIds } from '../../base/ids.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Labels } from '../../model/labels.ts';
import type { AppendResult } from '../../model/sample-batch.ts';
import type { IncomingSeries } from '../../model/metric.ts';
import { createQueryEngine } from '../../query/create-query-engine.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { parseRules } from '../../rules/groups/parse-rules.ts';
import { offsetMs } from '../../rules/groups/schedule.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import type { SampleStore } from '../../store/sample-store.ts';
import { openSqliteStateStore } from '../../store/state-store-sqlite.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { AlertChange, Alerting } from '../alerting.ts';
import { createAlerting, type AlertingOptions } from '../create-alerting.ts';

/** Rules over a real store with a clock of its own: for tests. */
export interface RuleBench extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: SampleStore;
  readonly state: StateStore;
  readonly query: QueryEngine;
  readonly changes: AlertChange[];
  alerting: Alerting;
  /** One sample now. */
  set(name: string, labels: Labels, value: number): void;
  /** Lets time pass in steps of a second, evaluating at each; `each` runs before every evaluation. */
  run(seconds: number, each?: (second: number) => void): Promise<void>;
  /** Ends alerting without a word and begins anew on the same state. */
  restart(): Promise<void>;
  /** `name{labels} → value` of what a query gives now. */
  ask(expression: string): Promise<Readonly<Record<string, number>>>;
}

export interface RuleBenchOptions extends Partial<AlertingOptions> {
  /** Stands between rules and the query engine. @default nothing does */
  readonly slowed?: (query: QueryEngine) => QueryEngine;
}

export async function ruleBench(yaml: string, { slowed, ...options }: RuleBenchOptions = {}): Promise<RuleBench> {
  const groups = yaml === '' ? [] : parseRules(yaml, { file: 'rules.yml', defaultIntervalMs: 1000, environment: options.environment });
  // Begins at an instant of the first group, so that what is set is what it sees.
  const clock = new FakeClock(Date.UTC(2026, 0, 1) + (groups[0] === undefined ? 0 : offsetMs(groups[0])));
  const store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
  const state = await openSqliteStateStore({ path: ':memory:', clock });
  const query = createQueryEngine({ store, clock });
  const changes: AlertChange[] = [];
  const record = (series: readonly IncomingSeries[]): AppendResult => {
    append(store, series);
    return { appended: series.length, dropped: {} };
  };
  const open = (): Promise<Alerting> =>
    createAlerting({
      state,
      query: slowed?.(query) ?? query,
      clock,
      ids: countingIds(`alert-${clock.nowMs()}`),
      thresholds: {},
      intervalMs: 1000,
      record,
      plan: (some) => {
        changes.push(...some);
        return [];
      },
      ruleGroups: groups,
      ...options,
    });
  const bench: RuleBench = {
    clock,
    store,
    state,
    query,
    changes,
    alerting: await open(),
    set: (name, labels, value) => append(store, [{ name, labels, timesMs: [clock.nowMs()], values: Float64Array.of(value) }]),
    run: async (seconds, each) => {
      for (let second = 1; second <= seconds; second++) {
        await clock.advance(1000);
        each?.(second);
        await bench.alerting.evaluate(clock.nowMs());
      }
    },
    restart: async () => {
      bench.alerting = await open();
    },
    ask: async (expression) => {
      const { value } = await query.instant(expression, clock.nowMs());
      const samples = value.type === 'vector' ? value.samples : [];
      return Object.fromEntries(samples.map((sample) => [seriesText(sample.labels), sample.value]));
    },
    [Symbol.asyncDispose]: async () => {
      await bench.alerting[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
  return bench;
}

function append(store: SampleStore, series: readonly IncomingSeries[]): void {
  for (const { name, labels, timesMs, values } of series) {
    const ref = store.ref({ name, labels });
    if (ref === undefined) throw new Error(`the store refuses ${name}`);
    const { length } = timesMs;
    // Copied as bytes: a staleness marker is a NaN whose bits must survive.
    const copied = values instanceof Float64Array ? values.slice() : Float64Array.from(values);
    store.append({ length, refs: new Uint32Array(length).fill(ref), timesMs: Float64Array.from(timesMs), values: copied });
  }
}

function seriesText({ __name__: name = '', ...labels }: Labels): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${pairs.map(([label, value]) => `${label}=${value}`).join(',')}}`;
}
