import type { NamedLadder } from '../alerts/escalation/ladder.ts';
import type { InhibitRule } from '../alerts/mutes/inhibition.ts';
import type { ChannelConfig } from './channels/channel-config.ts';
import { NO_HEARTBEATS, type HeartbeatConfig } from './heartbeat/heartbeat-config.ts';
import type { RoutingOptions } from './routing/routing.ts';

/** Everything that decides who hears of what, and when; plain data, so that it can go to another thread. */
export interface DeliveryConfig {
  readonly channels: readonly ChannelConfig[];
  readonly routing: RoutingOptions;
  readonly inhibitRules: readonly InhibitRule[];
  /** Of which the first that fits an alert takes it; the built-in one takes what is left. */
  readonly ladders: readonly NamedLadder[];
  readonly heartbeats: HeartbeatConfig;
  /** Time after which an alert that was pushed without an end and is pushed no more is over. */
  readonly resolveTimeoutMs: number;
}

export const NO_DELIVERY: DeliveryConfig = {
  channels: [],
  routing: {},
  inhibitRules: [],
  ladders: [],
  heartbeats: NO_HEARTBEATS,
  resolveTimeoutMs: 300_000,
};
