import { expect, test } from 'vitest';
import type { FakeClock } from '../base/fake-clock.ts';
import type { Channel, Notification, NotifiedAlert } from './channel.ts';

/** What the receiver does with the next message. `late`: it never answers. `hangUp`: it ends the connection. `oversize`: it answers without end. */
export type Behaviour = 'take' | 'late' | 'hangUp' | 'busy' | 'fail' | 'refuse' | 'oversize';

export interface ChannelUnderTest {
  readonly channel: Channel;
  readonly clock: FakeClock;
  /** Messages that arrived and were taken, as text. */
  readonly received: readonly string[];
  /** The receiver has been reached and is not answering. */
  readonly reached: () => Promise<void>;
  behave(behaviour: Behaviour): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export function alertOf(some: Partial<NotifiedAlert> = {}): NotifiedAlert {
  return {
    id: 'alert-1',
    metricName: 'cpu_usage',
    labels: { instance: 'shop-1' },
    severity: 'critical',
    message: 'CPU usage is 93.0%, exceeding threshold of 90.0',
    threshold: 90,
    currentValue: 93,
    status: 'firing',
    firedAtMs: Date.UTC(2026, 0, 1),
    resolvedAtMs: undefined,
    ...some,
  };
}

export function notificationOf(some: Partial<Notification> = {}): Notification {
  return {
    id: 'message-1',
    groupKey: '["","shop-1"]',
    title: '1 alert on shop-1: CPU usage is 93.0%, exceeding threshold of 90.0',
    severity: 'critical',
    status: 'firing',
    reason: 'new',
    alerts: [alertOf()],
    createdAtMs: Date.UTC(2026, 0, 1),
    deliveredLate: false,
    ...some,
  };
}

const NEVER = new AbortController().signal;

/**
 * What every channel must do. @param open A channel and a receiver that takes everything.
 * @param behaviours Those the receiver can show; one that is memory alone shows none.
 */
export function channelContract(name: string, open: () => Promise<ChannelUnderTest>, behaviours: readonly Behaviour[]): void {
  const can = (behaviour: Behaviour): boolean => behaviours.includes(behaviour);

  test(`contract: ${name} delivers the sentence of an alert`, async () => {
    await using under = await open();
    expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'sent' });
    expect(under.received).toHaveLength(1);
    expect(under.received[0]).toContain('CPU usage is 93.0%, exceeding threshold of 90.0');
  });

  test(`contract: ${name} delivers ten thousand alerts as one message`, async () => {
    await using under = await open();
    const alerts = Array.from({ length: 10_000 }, (_, i) => alertOf({ id: `alert-${i}`, labels: { instance: `shop-${i}` } }));
    expect(await under.channel.send(notificationOf({ alerts }), NEVER)).toMatchObject({ status: 'sent' });
    expect(under.received).toHaveLength(1);
  });

  test(`contract: ${name} sends nothing once it was told to stop`, async () => {
    await using under = await open();
    expect(await under.channel.send(notificationOf(), AbortSignal.abort())).toMatchObject({ status: 'failed', permanent: false });
    expect(under.received).toEqual([]);
  });

  for (const behaviour of (['busy', 'fail', 'hangUp', 'oversize'] as const).filter(can)) {
    test(`contract: ${name} may try again after the receiver's ${behaviour}`, async () => {
      await using under = await open();
      under.behave(behaviour);
      expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: false });
      under.behave('take');
      expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'sent' });
    });
  }
  for (const { behaviour, declare } of [REFUSING, SILENT]) if (can(behaviour)) declare(name, open);
}

interface Part {
  readonly behaviour: Behaviour;
  readonly declare: (name: string, open: () => Promise<ChannelUnderTest>) => void;
}

const REFUSING: Part = {
  behaviour: 'refuse',
  declare(name, open) {
    test(`contract: ${name} knows a refusal for good`, async () => {
      await using under = await open();
      under.behave('refuse');
      expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: true });
    });
  },
};

const SILENT: Part = {
  behaviour: 'late',
  declare(name, open) {
    test(`contract: ${name} gives up on a receiver that is silent for ten seconds`, async () => {
      await using under = await open();
      under.behave('late');
      const sending = under.channel.send(notificationOf(), NEVER);
      await under.reached();
      await under.clock.advance(10_000);
      expect(await sending).toMatchObject({ status: 'failed', permanent: false });
    });

    test(`contract: ${name} stops at once when told to, and leaves no timer`, async () => {
      await using under = await open();
      under.behave('late');
      const stop = new AbortController();
      const sending = under.channel.send(notificationOf(), stop.signal);
      await under.reached();
      stop.abort();
      expect(await sending).toMatchObject({ status: 'failed', permanent: false });
      expect(under.clock.pendingTimers).toBe(0);
    });
  },
};
