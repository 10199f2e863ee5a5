import type { PushedAlert } from '../alerts/pushed/pushed-alerts.ts';
import { seriesKey } from '../model/labels.ts';
import { CHANNEL_FAILING, type ChannelHealth } from '../deliver/channel.ts';
import type { HeartbeatStatus } from '../deliver/heartbeat/heartbeats.ts';

/** What the monitor knows of itself that people must hear of. */
export interface OwnCondition {
  readonly channels: readonly ChannelHealth[];
  readonly heartbeats: readonly HeartbeatStatus[];
  /** Of store and state: a full disk, damage. */
  readonly problems: readonly string[];
}

const FAILURES_TO_TELL = 3;
/** An alert that holds is pushed again at least this often, so that it does not end by itself. */
const AGAIN_MS = 60_000;

function found({ channels, heartbeats, problems }: OwnCondition): readonly Omit<PushedAlert, 'startsAtMs' | 'endsAtMs'>[] {
  return [
    ...channels
      .filter(({ failures }) => failures >= FAILURES_TO_TELL)
      .map(({ name, failures }) => ({
        labels: { alertname: CHANNEL_FAILING, channel: name, severity: 'high' },
        annotations: { summary: `Channel ${name} did not take a message ${failures} times in a row` },
      })),
    ...heartbeats
      .filter(({ overdueMs }) => overdueMs > 0)
      .map(({ name, withinMs }) => ({
        labels: { alertname: 'heartbeat_missing', heartbeat: name, severity: 'high' },
        annotations: { summary: `No sign of life from ${name} within ${withinMs / 1000} s` },
      })),
    ...problems.slice(0, 10).map((problem) => ({
      labels: { alertname: 'monitor_impaired', problem: problem.slice(0, 120), severity: 'high' },
      annotations: { summary: `The monitor is impaired: ${problem}` },
    })),
  ];
}

/**
 * Alerts about the monitor itself: a channel that fails (told on the others), a heartbeat that stays away, a disk that is full. They take the
 * way of alerts that are pushed, so that they need neither the store nor a rule.
 */
export class OwnAlerts {
  readonly #push: (alerts: readonly PushedAlert[]) => Promise<void>;
  #firing = new Map<string, PushedAlert>();
  #pushedAtMs = 0;

  constructor(push: (alerts: readonly PushedAlert[]) => Promise<void>) {
    this.#push = push;
  }

  /** Pushes what began, what ended, and now and then what lasts. @throws what pushing throws; it is tried again then */
  async look(condition: OwnCondition, nowMs: number): Promise<void> {
    const now = new Map(
      found(condition).map((alert) => {
        const key = seriesKey('', alert.labels);
        return [key, { ...alert, startsAtMs: this.#firing.get(key)?.startsAtMs ?? nowMs, endsAtMs: undefined }] as const;
      }),
    );
    const ended = [...this.#firing].filter(([key]) => !now.has(key)).map(([, alert]) => ({ ...alert, endsAtMs: nowMs }));
    const hasBegun = [...now.keys()].some((key) => !this.#firing.has(key));
    const isDue = now.size > 0 && (nowMs - this.#pushedAtMs >= AGAIN_MS || nowMs < this.#pushedAtMs);
    if (ended.length === 0 && !hasBegun && !isDue) return;
    await this.#push([...now.values(), ...ended]);
    this.#firing = now;
    this.#pushedAtMs = nowMs;
  }
}
