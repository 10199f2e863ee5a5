import { createAlerting } from '../alerts/create-alerting.ts';
import type { Alerting, RuleAlert } from '../alerts/alerting.ts';
import { BellwetherError } from '../base/errors.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { countingIds } from '../base/ids.ts';
import { silentLogger } from '../base/logger.ts';
import type { Channel, Delivery, Notification, SendOutcome } from '../deliver/channel.ts';
import { createDelivery } from '../deliver/create-delivery.ts';
import { createRouting } from '../deliver/routing/routing.ts';
import { createPlan } from '../deliver/plan-notifications.ts';
import { StoreWriter } from '../engine/store-writer.ts';
import { createQueryEngine } from '../query/create-query-engine.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { writeStaleAt } from '../model/stale-marker.ts';
import { parseRuleFiles } from '../rules/groups/rule-files.ts';
import { openEmbeddedStore } from '../store/embedded-store.ts';
import type { SampleStore } from '../store/sample-store.ts';
import { openSqliteStateStore } from '../store/state-store-sqlite.ts';
import type { StateStore } from '../store/state-store.ts';
import type { Action, TestChannel, TestFile, TestGroup } from './test-file.ts';

/** A message that reached its receiver. */
export interface SentMessage {
  readonly channel: string;
  readonly notification: Notification;
}

const START_MS = 0;

/**
 * One test group at work: the real rules, alerts, store, state and delivery on a clock that moves only when told, with receivers that note what they
 * are sent. Time is promtool's: it begins at the epoch, and every group is evaluated at every step.
 */
export class Rehearsal implements AsyncDisposable {
  readonly #file: TestFile;
  readonly #group: TestGroup;
  readonly #clock = new FakeClock(START_MS);
  readonly #ids = countingIds();
  readonly #store: SampleStore;
  readonly #writer: StoreWriter;
  readonly #state: StateStore;
  readonly #query: QueryEngine;
  readonly #channels: readonly TestChannel[];
  readonly #down = new Set<string>();
  readonly #sent: SentMessage[] = [];
  #alerting: Alerting | undefined;
  #delivery: Delivery | undefined;
  #loaded = 0;
  #nominalMs = START_MS;
  /** How far the clock has been set away from where it would be. */
  #jumpedMs = 0;

  private constructor(file: TestFile, group: TestGroup, state: StateStore) {
    this.#file = file;
    this.#group = group;
    this.#state = state;
    this.#store = openEmbeddedStore({ path: ':memory:', clock: this.#clock, log: silentLogger });
    this.#writer = new StoreWriter(this.#store);
    this.#query = createQueryEngine({ store: this.#store, clock: this.#clock });
    const needsOne = group.notificationTests.length > 0 || group.actions.length > 0;
    this.#channels =
      group.channels.length > 0 || !needsOne ? group.channels : [{ name: 'test', minimumSeverity: 'low', escalationOnly: false }];
  }

  static async open(file: TestFile, group: TestGroup): Promise<Rehearsal> {
    const state = await openSqliteStateStore({ path: ':memory:', clock: new FakeClock(START_MS) });
    const rehearsal = new Rehearsal(file, group, state);
    await rehearsal.#start();
    return rehearsal;
  }

  get query(): QueryEngine {
    return this.#query;
  }

  /** Brings time to an instant of the test, loads what series have by then and evaluates every group. */
  async step(atMs: number): Promise<void> {
    await this.passTo(atMs);
    this.#load(atMs);
    await this.alerting.evaluateAllRules(this.#clock.nowMs(), this.#file.groupOrder);
    await this.#delivery?.pump();
  }

  /** Lets time pass and messages leave, without an evaluation. */
  async passTo(atMs: number): Promise<void> {
    if (atMs > this.#nominalMs) await this.#clock.advance(atMs - this.#nominalMs);
    this.#nominalMs = Math.max(this.#nominalMs, atMs);
  }

  /** Wall time of an instant of the test. */
  wallMs(atMs: number): number {
    return atMs + this.#jumpedMs;
  }

  get alerting(): Alerting {
    if (this.#alerting === undefined) throw new BellwetherError('engine_stopped', 'The rehearsal is over');
    return this.#alerting;
  }

  /** Alerts of a name that fire now. */
  firing(alertname: string): readonly RuleAlert[] {
    return this.alerting.rules
      .groups()
      .flatMap((group) => group.rules)
      .filter(({ rule }) => rule.kind === 'alerting' && rule.alert === alertname)
      .flatMap(({ alerts }) => alerts.filter(({ state }) => state === 'firing'));
  }

  /** Rules that failed at the last step. */
  failures(): readonly { readonly rule: string; readonly error: string }[] {
    const rules = this.alerting.rules.groups().flatMap((group) => group.rules);
    return rules
      .filter(({ health }) => health === 'err')
      .map(({ rule, lastError }) => ({ rule: rule.kind === 'alerting' ? rule.alert : rule.record, error: lastError ?? '' }));
  }

  /** Messages since the last call. */
  takeSent(): readonly SentMessage[] {
    return this.#sent.splice(0);
  }

  /** @throws BellwetherError when the action cannot be done: no such alert or channel, a silence that is refused */
  async act(action: Action): Promise<void> {
    switch (action.kind) {
      case 'silence': {
        const nowMs = this.#clock.nowMs();
        const times = { startsAtMs: nowMs, endsAtMs: nowMs + action.forMs };
        await this.alerting.addSilence({ matchers: action.matchers, ...times, author: 'test', comment: '' });
        return;
      }
      case 'ack': {
        const fits = (labels: Readonly<Record<string, string>>): boolean =>
          Object.entries(action.labels).every(([name, value]) => labels[name] === value);
        const alerts = this.alerting.active().filter(({ metricName, labels }) => metricName === action.alertname && fits(labels));
        if (alerts.length === 0)
          throw new BellwetherError('state_not_found', `no alert ${action.alertname} fires that could be acknowledged`);
        for (const { id } of alerts) await this.alerting.acknowledge(id, action.by);
        return;
      }
      case 'channel_down':
      case 'channel_up':
        this.#turn(action.channel, action.kind === 'channel_down');
        return;
      case 'crash':
        await this.#stop();
        await this.#start();
        return;
      default:
        this.#jumpedMs += action.byMs;
        this.#clock.jumpTo(this.#clock.nowMs() + action.byMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#state[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
  }

  #turn(channel: string, isDown: boolean): void {
    if (!this.#channels.some(({ name }) => name === channel))
      throw new BellwetherError('state_not_found', `no channel is named ${channel}`);
    if (isDown) this.#down.add(channel);
    else this.#down.delete(channel);
  }

  async #start(): Promise<void> {
    const { externalLabels, externalUrl, environment } = this.#group;
    const clock = this.#clock;
    this.#delivery =
      this.#channels.length === 0
        ? undefined
        : createDelivery({ state: this.#state, clock, channels: this.#channels.map(({ name }) => this.#channel(name)) });
    const targets = this.#channels.map((channel) => ({ ...channel, kind: 'webhook' as const }));
    const settings = { channels: targets, routing: createRouting() };
    this.#alerting = await createAlerting({
      state: this.#state,
      query: this.#query,
      clock,
      ids: this.#ids,
      thresholds: {},
      intervalMs: this.#file.evaluationIntervalMs,
      ruleGroups: parseRuleFiles(this.#file.ruleFiles, { environment }),
      record: (series) => {
        this.#writer.addIncoming(series);
        const result = this.#writer.commit();
        // A clock that was set back leaves samples in its future; that is the clock's fault and no rule's.
        return this.#jumpedMs < 0 ? { ...result, dropped: {} } : result;
      },
      environment,
      externalLabels,
      externalUrl,
      plan: createPlan({ settings: () => settings, clock, ids: this.#ids }),
    });
  }

  async #stop(): Promise<void> {
    await this.#alerting?.[Symbol.asyncDispose]();
    await this.#delivery?.[Symbol.asyncDispose]();
    this.#alerting = undefined;
    this.#delivery = undefined;
  }

  #channel(name: string): Channel {
    return {
      name,
      kind: 'webhook',
      send: async (notification): Promise<SendOutcome> => {
        if (this.#down.has(name)) return { status: 'failed', error: 'the channel is down', permanent: false };
        this.#sent.push({ channel: name, notification });
        return { status: 'sent', detail: 'noted' };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  /** Gives the store the values that series have up to an instant of the test. */
  #load(untilMs: number): void {
    const { series, intervalMs } = this.#group;
    const until = Math.floor(untilMs / intervalMs) + 1;
    for (const { labels: all, values } of series) {
      const { __name__: name = '', ...labels } = all;
      const due = values.slice(this.#loaded, until).flatMap((value, i) => (value === undefined ? [] : [{ value, at: this.#loaded + i }]));
      const samples = Float64Array.from(due, ({ value }) => (value === 'stale' ? 0 : value));
      for (const [i, { value }] of due.entries()) if (value === 'stale') writeStaleAt(samples, i);
      this.#writer.addIncoming([{ name, labels, timesMs: due.map(({ at }) => this.wallMs(at * intervalMs)), values: samples }]);
    }
    this.#writer.commit();
    this.#loaded = Math.max(this.#loaded, until);
  }
}
