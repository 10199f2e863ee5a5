/**
 * A day of alerting in virtual time: random rules break and mend, channels go down and come back, people silence and acknowledge, the clock
 * jumps, and the process dies at any moment, also between a message and the note that it was sent. What happened is written down, so that what
 * was promised can be checked at the end without asking the product.
 */
import type { Alerting, AlertRecord } from '../../../alerts/alerting.ts';
import { createAlerting } from '../../../alerts/create-alerting.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { countingIds } from '../../../base/ids.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { Labels } from '../../../model/labels.ts';
import type { QueryEngine } from '../../../query/query-engine.ts';
import type { StateStore } from '../../../store/state-store.ts';
import type { Channel, Delivery, Notification, SendOutcome } from '../../channel.ts';
import { createDelivery } from '../../create-delivery.ts';
import { createPlan } from '../../plan-notifications.ts';
import { MortalProcess, type Doom } from './mortal.ts';
import type { Sabotage } from './sabotage.ts';
import { CHANNELS, HOUR, INSTANCES, METRICS, MINUTE, pick, RULED, RULES, shapeOf, type Shape } from './shape.ts';

const VALUES = [10, 75, 95] as const;
const DOOMS: readonly (Doom | undefined)[] = [undefined, 'before a send', 'after a send', 'before a commit', 'after a commit'];
const GOOD = 10;
/** Tables that a day writes. */
const TABLES = ['alerts', 'alert_history', 'silences', 'outbox', 'incidents'] as const;

/** A message as a channel took it. */
export interface Sent {
  readonly channel: string;
  readonly atMs: number;
  readonly monotonicMs: number;
  readonly notification: Notification;
}

/** Wall time, both ends belong to it. */
export interface Span {
  readonly fromMs: number;
  toMs: number;
}

export interface Acknowledged {
  readonly alertId: string;
  readonly atMs: number;
  /** Whether the process lived to say so; if not, it may be on disk or not. */
  readonly isAnswered: boolean;
}

/** What happened in the day. */
export interface DayResult {
  readonly shape: Shape;
  readonly sent: readonly Sent[];
  /** Every alert that fired, from the history. */
  readonly alerts: readonly AlertRecord[];
  readonly silences: readonly (Span & { readonly instance: string })[];
  readonly outages: readonly (Span & { readonly channel: string })[];
  readonly acknowledged: readonly Acknowledged[];
  /** When an evaluation was done and the process lived on. */
  readonly evaluatedAtMs: readonly number[];
  /** When a process began: rules are evaluated at the next of their instants after that. */
  readonly startedAtMs: readonly number[];
  /** Wall times between which the clock was set; alerts that lived through one obey no stopwatch. */
  readonly jumps: readonly Span[];
  /** For people. */
  readonly events: readonly string[];
}

/** One simulated world. */
export class Day {
  readonly clock: FakeClock;
  readonly shape: Shape;
  readonly #events: string[] = [];
  readonly #sent: Sent[] = [];
  readonly #silences: (Span & { readonly instance: string })[] = [];
  readonly #outages: (Span & { readonly channel: string })[] = [];
  readonly #acknowledged: Acknowledged[] = [];
  readonly #evaluatedAtMs: number[] = [];
  readonly #startedAtMs: number[] = [];
  readonly #jumps: Span[] = [];
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>();
  /** Monotonic time at which the channel is back. */
  readonly #backAtMs = new Map<string, number>();
  readonly #ids = countingIds();
  readonly #store: StateStore;
  readonly #sabotage: Sabotage;
  #process: MortalProcess;
  #alerting: Alerting | undefined;
  #delivery: Delivery | undefined;

  /** @param store Emptied first: opening one costs as much as a tenth of a day. */
  static async open(seed: number, store: StateStore, sabotage: Sabotage = {}): Promise<Day> {
    for (const table of TABLES) await store.db.deleteFrom(table).execute();
    const day = new Day(new FakeClock(Date.UTC(2026, 0, 1), seed), store, sabotage);
    await day.#start();
    return day;
  }

  private constructor(clock: FakeClock, store: StateStore, sabotage: Sabotage) {
    this.clock = clock;
    this.shape = shapeOf(this.#chance);
    this.#store = store;
    this.#sabotage = sabotage;
    this.#process = new MortalProcess(clock, store);
    for (const metric of [...METRICS, ...RULED])
      for (const instance of INSTANCES)
        this.#values.set(`${metric}/${instance}`, { labels: { __name__: metric, instance, job: `job-${instance}` }, value: GOOD });
  }

  get #chance(): () => number {
    return () => this.clock.random();
  }

  /** Lives through it and gives everything time to be told. */
  async run(events = 24): Promise<DayResult> {
    for (let i = 0; i < events; i++) {
      await this.#event();
      await this.#evaluate();
      await this.#step(1000);
      await this.#pass(Math.round(((24 * HOUR) / events) * 2 * this.clock.random()));
    }
    await this.#end();
    const alerts = await (this.#alerting as Alerting).history({ limit: 10_000 });
    await this.#delivery?.[Symbol.asyncDispose]();
    await this.#alerting?.[Symbol.asyncDispose]();
    return {
      shape: this.shape,
      sent: this.#sent,
      alerts,
      silences: this.#silences,
      outages: this.#outages,
      acknowledged: this.#acknowledged,
      evaluatedAtMs: this.#evaluatedAtMs,
      startedAtMs: this.#startedAtMs,
      jumps: this.#jumps,
      events: this.#events,
    };
  }

  /** Everything mends, and there is time for what was held back: quiet hours, damping, retries. */
  async #end(): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.#note('all is well');
    this.#process.doom = undefined;
    this.#backAtMs.clear();
    for (const outage of this.#outages) outage.toMs = Math.min(outage.toMs, nowMs);
    for (const series of this.#values.values()) series.value = GOOD;
    for (const silence of this.#silences) silence.toMs = Math.min(silence.toMs, nowMs);
    for (const { id, endsAtMs } of await (this.#alerting as Alerting).silences())
      if (endsAtMs > nowMs) await this.#alerting?.endSilence(id);
    await this.#evaluate();
    for (let i = 0; i < 8; i++) await this.#step(MINUTE);
    for (let i = 0; i < 10; i++) await this.#step(HOUR);
  }

  #note(text: string): void {
    this.#events.push(`${new Date(this.clock.nowMs()).toISOString()} ${text}`);
  }

  async #event(): Promise<void> {
    const dice = this.clock.random();
    if (dice < 0.52) return await this.#break();
    if (dice < 0.64) return this.#cutOff();
    if (dice < 0.74) return await this.#silence();
    if (dice < 0.82) return await this.#acknowledge();
    if (dice < 0.93) return await this.#kill();
    const byMs = Math.floor((this.clock.random() - 0.3) * 30 * MINUTE);
    const fromMs = this.clock.nowMs();
    this.#note(`clock jumps by ${byMs}`);
    this.clock.jumpTo(fromMs + byMs);
    this.#jumps.push({ fromMs: Math.min(fromMs, fromMs + byMs), toMs: Math.max(fromMs, fromMs + byMs) });
  }

  async #break(): Promise<void> {
    const key = `${pick([...METRICS, ...RULED], this.#chance)}/${pick(INSTANCES, this.#chance)}`;
    const series = this.#values.get(key) as { value: number };
    series.value = pick(VALUES, this.#chance);
    this.#note(`${key} = ${series.value}`);
    const flaps = this.clock.random() < 0.2 ? Math.floor(this.clock.random() * 8) : 0;
    for (let i = 0; i < flaps; i++) {
      await this.#evaluate();
      await this.#step(5000);
      series.value = series.value === GOOD ? 95 : GOOD;
      this.#note(`${key} flaps to ${series.value}`);
    }
  }

  /** For ten seconds to three hours; now and then for the rest of the day. */
  #cutOff(): void {
    const channel = pick(CHANNELS, this.#chance);
    const forMs = Math.round(this.clock.random() < 0.05 ? 24 * HOUR : 10_000 * 1080 ** this.clock.random());
    this.#note(`${channel} is down for ${Math.round(forMs / 1000)} s`);
    this.#backAtMs.set(channel, this.clock.monotonicMs() + forMs);
    this.#outages.push({ channel, fromMs: this.clock.nowMs(), toMs: this.clock.nowMs() + forMs });
  }

  async #silence(): Promise<void> {
    // What was judged at this very moment was not covered yet.
    await this.clock.advance(1);
    const startsAtMs = this.clock.nowMs();
    const instance = pick(INSTANCES, this.#chance);
    const endsAtMs = startsAtMs + MINUTE * (1 + Math.floor(this.clock.random() * 120));
    this.#note(`silence ${instance} until ${new Date(endsAtMs).toISOString()}`);
    const matchers = [{ label: 'instance', op: '=' as const, value: instance }];
    await this.#alerting?.addSilence({ matchers, startsAtMs, endsAtMs, author: 'x', comment: '' });
    this.#silences.push({ instance, fromMs: startsAtMs, toMs: endsAtMs });
  }

  async #acknowledge(): Promise<void> {
    const alert = this.#alerting?.active()[0];
    this.#note(`acknowledge ${alert?.id}`);
    if (alert === undefined) return;
    const atMs = this.clock.nowMs();
    try {
      if (this.#sabotage.forgetsAcknowledgements !== true) await this.#alerting?.acknowledge(alert.id, 'ann');
      this.#acknowledged.push({ alertId: alert.id, atMs, isAnswered: true });
    } catch (error) {
      if (!this.#process.isDead) throw error;
      this.#acknowledged.push({ alertId: alert.id, atMs, isAnswered: false });
    }
  }

  async #kill(): Promise<void> {
    const doom = pick(DOOMS, this.#chance);
    this.#note(doom === undefined ? 'dies' : `dies ${doom}`);
    this.#process.doom = doom;
    if (doom !== undefined) return;
    this.#process.die();
    await this.#start();
  }

  /** Time passes with an evaluation now and then, from a minute to two hours apart. */
  async #pass(ms: number): Promise<void> {
    let leftMs = ms;
    while (leftMs > 0) {
      const stepMs = Math.min(leftMs, Math.round(60_000 * 120 ** this.clock.random()));
      await this.#step(stepMs);
      leftMs -= stepMs;
    }
  }

  async #step(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.#evaluate();
  }

  /** What a process does at every tick; should it die of it, the next one does it again. */
  async #evaluate(): Promise<void> {
    if (this.#process.isDead) await this.#start();
    const atMs = this.clock.nowMs();
    try {
      await this.#alerting?.evaluate(atMs);
      if (!this.#process.isDead) this.#evaluatedAtMs.push(atMs);
      await this.#delivery?.pump();
    } catch (error) {
      if (!this.#process.isDead) throw error;
    }
    if (this.#process.isDead) await this.#evaluate();
  }

  async #start(): Promise<void> {
    await this.#sabotage.atDeath?.(this.#store);
    const { shape } = this;
    this.#startedAtMs.push(this.clock.nowMs());
    const { routing, ladder } = shape;
    this.#process = new MortalProcess(this.clock, this.#store);
    const { clock, state } = this.#process;
    const plan = createPlan({ settings: () => ({ channels: shape.targets, routing }), clock, ids: this.#ids });
    const channels = CHANNELS.map((name) => this.#channel(name, this.#process));
    this.#delivery = createDelivery({ state, clock, channels, ids: this.#ids, routing });
    this.#alerting = await createAlerting({
      state,
      clock,
      log: silentLogger,
      ids: this.#ids,
      query: this.#query(),
      thresholds: Object.fromEntries(METRICS.map((metric) => [metric, { warning: 70, critical: 90 }])),
      intervalMs: 1000,
      ladder: () => ladder,
      inhibitRules: shape.inhibitRules,
      ruleGroups: RULES,
      plan: this.#sabotage.plan?.(plan) ?? plan,
    });
  }

  #channel(name: string, process: MortalProcess): Channel {
    const { taken = (notification: Notification) => [notification] } = this.#sabotage;
    return {
      name,
      kind: 'webhook',
      send: async (notification): Promise<SendOutcome> => {
        // A dead process sends nothing more.
        const isBack = this.clock.monotonicMs() >= (this.#backAtMs.get(name) ?? 0);
        if (!isBack || process.meets('before a send')) return { status: 'failed', error: 'down', permanent: false };
        const at = { channel: name, atMs: this.clock.nowMs(), monotonicMs: this.clock.monotonicMs() };
        for (const one of taken(notification)) this.#sent.push({ ...at, notification: one });
        process.meets('after a send');
        return { status: 'sent', detail: 'ok' };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #query(): QueryEngine {
    const all = [...this.#values.values()];
    return {
      instant: async (expression: string, atMs: number) => {
        const [, watched, ruled = ''] = /^last_over_time\((\w+)\[|^(\w+) > 70$/.exec(expression) ?? [];
        const samples = all
          .filter(({ labels, value }) => labels['__name__'] === (watched ?? ruled) && (watched !== undefined || value > 70))
          .map(({ labels, value }) => ({ labels, value, atMs }));
        return { value: { type: 'vector', samples }, warnings: [], infos: [] };
      },
      range: async () => ({ value: { type: 'matrix', series: [] }, warnings: [], infos: [] }),
      metadata: async () => new Map(METRICS.map((metric) => [metric, { kind: 'gauge', unit: 'percent', help: '' }])),
    } as unknown as QueryEngine;
  }
}
