import type { ActiveAlert, AlertChange } from '../../alerts/alerting.ts';
import { OWN_CHANNELS } from '../../alerts/escalation/ladder.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { countingIds, type IdSource } from '../../base/ids.ts';
import { silentLogger } from '../../base/logger.ts';
import { openSqliteStateStore } from '../../store/state-store-sqlite.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { Channel, Delivery, Notification, SendOutcome } from '../channel.ts';
import { createDelivery } from '../create-delivery.ts';
import { createPlan } from '../plan-notifications.ts';
import { createRouting, type RoutingOptions } from '../routing/routing.ts';

export const SENT: SendOutcome = { status: 'sent', detail: 'ok' };
export const DOWN: SendOutcome = { status: 'failed', error: 'connection refused', permanent: false };

/** Remembers what it was given and answers as told. */
export class FakeChannel implements Channel {
  readonly name: string;
  readonly kind = 'webhook';
  minimumGapMs = 0;
  isQuiet = false;
  readonly attempts: Notification[] = [];
  readonly sent: Notification[] = [];
  answer: (signal: AbortSignal) => SendOutcome | Promise<SendOutcome> = () => SENT;

  constructor(name = 'pager') {
    this.name = name;
  }
  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    this.attempts.push(notification);
    const outcome = await this.answer(signal);
    if (outcome.status === 'sent') this.sent.push(notification);
    return outcome;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

export interface DeliveryBench {
  readonly clock: FakeClock;
  readonly state: StateStore;
  readonly delivery: Delivery;
  readonly channel: FakeChannel;
  readonly ids: IdSource;
  /** As alerting does it: plan, write, pump. */
  readonly tell: (...changes: readonly AlertChange[]) => Promise<void>;
  readonly change: (kind: AlertChange['kind'], some?: Partial<ActiveAlert>) => AlertChange;
  /** Another delivery over the same state, as after a restart. */
  readonly open: () => Delivery;
}

/** Planning and delivery over an empty state and a virtual clock. */
export async function bench(channels: readonly FakeChannel[] = [new FakeChannel()], routes: RoutingOptions = {}): Promise<DeliveryBench> {
  const clock = new FakeClock();
  const state = await openSqliteStateStore({ path: ':memory:', clock });
  const ids = countingIds('message');
  const routing = createRouting(routes);
  const plan = createPlan({
    settings: () => ({ channels: channels.map(({ name, kind }) => ({ name, kind })), routing }),
    clock,
    ids,
  });
  const log = {
    ...silentLogger,
    error: (_: object, message: string): void => {
      throw new Error(message);
    },
  };
  const open = (): Delivery => createDelivery({ state, clock, log, channels, ids, routing });
  const delivery = open();
  /** As alerting does it: plan, write, pump. */
  const tell = async (...changes: readonly AlertChange[]): Promise<void> => {
    for (const { row } of plan(changes)) await state.db.insertInto('outbox').values(row).execute();
    await delivery.pump();
  };
  const change = (kind: AlertChange['kind'], some: Partial<ActiveAlert> = {}): AlertChange => ({
    kind,
    atMs: clock.nowMs(),
    wasNotified: kind !== 'fired',
    alert: {
      id: 'a1',
      metricName: 'cpu_usage',
      labels: {},
      threshold: 70,
      currentValue: 85.2,
      severity: 'medium',
      message: 'CPU usage is 85.2%, exceeding threshold of 70.0',
      cause: 'static',
      firedAtMs: clock.nowMs(),
      updatedAtMs: clock.nowMs(),
      acknowledgedBy: undefined,
      silenced: false,
      silencedBy: [],
      escalationLevel: kind === 'escalated' ? 1 : 0,
      climb: kind === 'escalated' ? { told: [OWN_CHANNELS], atMs: 900_000, last: [OWN_CHANNELS] } : undefined,
      ...some,
    },
  });
  return { clock, state, delivery, tell, change, open, ids, channel: channels[0] ?? new FakeChannel() };
}
