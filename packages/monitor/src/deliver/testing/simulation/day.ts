/**
 * A day of alerting in virtual time: random rules break and mend, channels go down and come back, people silence and acknowledge, the clock
 * jumps, and the process dies at any moment, also between a message and the note that it was sent. What was promised is checked at the end.
 */
import { Kysely } from 'kysely';
import type { Alerting } from '../../../alerts/alerting.ts';
import { createAlerting } from '../../../alerts/create-alerting.ts';
import type { InhibitRule } from '../../../alerts/mutes/inhibition.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { countingIds } from '../../../base/ids.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { Labels } from '../../../model/labels.ts';
import type { QueryEngine } from '../../../query/query-engine.ts';
import { openSqliteStateStore } from '../../../store/state-store-sqlite.ts';
import type { StateStore } from '../../../store/state-store.ts';
import type { StateTables } from '../../../store/state-tables.ts';
import type { Channel, Delivery, Notification, SendOutcome } from '../../channel.ts';
import { createDelivery } from '../../create-delivery.ts';
import { createPlan } from '../../plan-notifications.ts';
import { createRouting } from '../../routing/routing.ts';

const METRICS: readonly [string, ...string[]] = ['cpu_usage', 'memory_usage', 'disk_usage', 'error_rate'];
const INSTANCES: readonly [string, ...string[]] = ['a', 'b', 'c'];
const VALUES: readonly [number, ...number[]] = [10, 75, 95];
const MINUTE = 60_000;
const DAY_MS = 1440 * MINUTE;

/** A message as a channel took it. */
export interface Sent {
  readonly channel: string;
  readonly atMs: number;
  readonly notification: Notification;
}

export interface DayResult {
  readonly sent: readonly Sent[];
  /** Every alert that fired, from the history. */
  readonly alerts: Awaited<ReturnType<Alerting['history']>>;
  /** Changes that were planned, for the ids of alerts that were muted throughout. */
  readonly state: StateStore;
  readonly events: readonly string[];
}

/** A state whose process may die: from then on it answers with errors, while what is on disk stays. */
class MortalState implements StateStore {
  readonly server = '';
  readonly problems = [];
  readonly #store: StateStore;
  isDead = false;

  constructor(store: StateStore) {
    this.#store = store;
  }
  get db(): Kysely<StateTables> {
    if (this.isDead) throw new Error('the process is dead');
    return this.#store.db;
  }
  async transaction<T>(work: Parameters<StateStore['transaction']>[0]): Promise<T> {
    if (this.isDead) throw new Error('the process is dead');
    return (await this.#store.transaction(work)) as T;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

const INHIBIT: readonly InhibitRule[] = [
  {
    source: [{ label: 'alertname', op: '=', value: 'disk_usage' }],
    target: [{ label: 'alertname', op: '=', value: 'error_rate' }],
    equal: ['instance'],
  },
];

/** One simulated world. */
export class Day {
  readonly clock: FakeClock;
  readonly events: string[] = [];
  readonly sent: Sent[] = [];
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>();
  readonly #down = new Set<string>();
  readonly #ids = countingIds();
  readonly #store: StateStore;
  #state: MortalState;
  #alerting: Alerting | undefined;
  #delivery: Delivery | undefined;
  #diesAtNextSend = false;

  static async open(seed: number): Promise<Day> {
    const clock = new FakeClock(Date.UTC(2026, 0, 1), seed);
    const day = new Day(clock, await openSqliteStateStore({ path: ':memory:', clock }));
    await day.#start();
    return day;
  }

  private constructor(clock: FakeClock, store: StateStore) {
    this.clock = clock;
    this.#store = store;
    this.#state = new MortalState(store);
    for (const metric of METRICS)
      for (const instance of INSTANCES)
        this.#values.set(`${metric}/${instance}`, { labels: { __name__: metric, instance, job: `job-${instance}` }, value: 10 });
  }

  /** Lives through it and gives everything time to be told. */
  async run(events = 24): Promise<DayResult> {
    const endMs = this.clock.nowMs() + DAY_MS;
    for (let i = 0; i < events; i++) {
      await this.#event();
      await this.#pass(1000);
      await this.#pass((DAY_MS / events) * this.clock.random());
      if (this.clock.nowMs() > endMs) break;
    }
    this.#down.clear();
    for (const series of this.#values.values()) series.value = 10;
    for (const silence of await (this.#alerting as Alerting).silences())
      if (silence.endsAtMs > this.clock.nowMs()) await this.#alerting?.endSilence(silence.id);
    for (let i = 0; i < 4; i++) await this.#pass(10_000);
    await this.#pass(4 * 60 * MINUTE);
    const alerts = await (this.#alerting as Alerting).history({ limit: 10_000 });
    await this.#delivery?.[Symbol.asyncDispose]();
    await this.#alerting?.[Symbol.asyncDispose]();
    return { sent: this.sent, alerts, state: this.#store, events: this.events };
  }

  #note(text: string): void {
    this.events.push(`${new Date(this.clock.nowMs()).toISOString()} ${text}`);
  }

  async #event(): Promise<void> {
    const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(this.clock.random() * items.length)] ?? items[0];
    const dice = this.clock.random();
    if (dice < 0.55) {
      const key = `${pick(METRICS)}/${pick(INSTANCES)}`;
      const value = pick(VALUES);
      this.#note(`${key} = ${value}`);
      const series = this.#values.get(key);
      if (series !== undefined) series.value = value;
      const flaps = this.clock.random() < 0.2 ? Math.floor(this.clock.random() * 8) : 0;
      for (let i = 0; i < flaps; i++) {
        await this.#pass(5000);
        if (series !== undefined) series.value = series.value === 10 ? 95 : 10;
        this.#note(`${key} flaps`);
      }
    } else if (dice < 0.67) {
      const channel = pick(['pager', 'chat']);
      if (this.#down.has(channel)) this.#down.delete(channel);
      else this.#down.add(channel);
      this.#note(`${channel} is ${this.#down.has(channel) ? 'down' : 'up'}`);
    } else if (dice < 0.77) {
      const nowMs = this.clock.nowMs();
      const matchers = [{ label: 'instance', op: '=' as const, value: pick(INSTANCES) }];
      const endsAtMs = nowMs + MINUTE * (1 + Math.floor(this.clock.random() * 120));
      this.#note(`silence ${matchers[0]?.value} until ${new Date(endsAtMs).toISOString()}`);
      await this.#alerting?.addSilence({ matchers, startsAtMs: nowMs, endsAtMs, author: 'x', comment: '' });
    } else if (dice < 0.84) {
      const alert = this.#alerting?.active()[0];
      if (alert !== undefined) await this.#alerting?.acknowledge(alert.id, 'ann');
      this.#note(`acknowledge ${alert?.id}`);
    } else if (dice < 0.94) {
      this.#diesAtNextSend = this.clock.random() < 0.5;
      this.#note(this.#diesAtNextSend ? 'dies at the next send' : 'dies');
      if (!this.#diesAtNextSend) await this.#die();
    } else {
      const byMs = Math.floor((this.clock.random() - 0.3) * 30 * MINUTE);
      this.#note(`clock jumps by ${byMs}`);
      this.clock.jumpTo(this.clock.nowMs() + byMs);
    }
  }

  async #pass(ms: number): Promise<void> {
    await this.#evaluate();
    await this.clock.advance(ms);
    await this.#evaluate();
  }

  async #evaluate(): Promise<void> {
    if (this.#state.isDead) await this.#start();
    await this.#alerting?.evaluate(this.clock.nowMs());
    await this.#delivery?.pump();
    if (this.#state.isDead) await this.#start();
  }

  async #die(): Promise<void> {
    this.#state.isDead = true;
    await this.#start();
  }

  async #start(): Promise<void> {
    const { clock } = this;
    this.#state = new MortalState(this.#store);
    const state = this.#state;
    const routing = createRouting();
    const channels = ['pager', 'chat'];
    const settings = { channels: channels.map((name) => ({ name, kind: 'webhook' as const })), routing };
    this.#delivery = createDelivery({
      state,
      clock,
      channels: channels.map((name) => this.#channel(name, state)),
      ids: this.#ids,
      routing,
    });
    this.#alerting = await createAlerting({
      state,
      clock,
      log: silentLogger,
      ids: this.#ids,
      query: this.#query(),
      thresholds: Object.fromEntries(METRICS.map((metric) => [metric, { warning: 70, critical: 90 }])),
      intervalMs: 1000,
      inhibitRules: INHIBIT,
      plan: createPlan({ settings: () => settings, clock, ids: this.#ids }),
    });
  }

  #channel(name: string, state: MortalState): Channel {
    return {
      name,
      kind: 'webhook',
      send: async (notification): Promise<SendOutcome> => {
        // A dead process sends nothing more.
        if (state.isDead || this.#down.has(name)) return { status: 'failed', error: 'down', permanent: false };
        this.sent.push({ channel: name, atMs: this.clock.nowMs(), notification });
        if (this.#diesAtNextSend) {
          this.#diesAtNextSend = false;
          state.isDead = true;
        }
        return { status: 'sent', detail: 'ok' };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #query(): QueryEngine {
    const series = [...this.#values.values()];
    return {
      instant: async (expression: string, atMs: number) => {
        const metric = /^last_over_time\((\w+)\[/.exec(expression)?.[1] ?? '';
        const samples = series.filter(({ labels }) => labels['__name__'] === metric).map(({ labels, value }) => ({ labels, value, atMs }));
        return { value: { type: 'vector', samples }, warnings: [], infos: [] };
      },
      range: async () => ({ value: { type: 'matrix', series: [] }, warnings: [], infos: [] }),
      metadata: async () => new Map(METRICS.map((metric) => [metric, { kind: 'gauge', unit: 'percent', help: '' }])),
    } as unknown as QueryEngine;
  }
}
