import type { Clock } from '../../base/clock.ts';
import type { Severity } from '../../model/severity.ts';
import type { Channel } from '../channel.ts';
import type { TargetGuard } from '../reach/target-guard.ts';
import type { FieldCheck } from './field-checks.ts';

/** Fields that every kind of channel has. */
export interface CommonConfig {
  /** Unique; letters, digits, `.`, `_` and `-`, 64 at most. */
  readonly name: string;
  /** Less severe alerts are not sent. @default 'low' */
  readonly minimum_severity?: Severity;
  /** Only escalated alerts, and how they end. @default false */
  readonly escalation?: boolean;
  /** Whether it is told when alerts end. @default true */
  readonly send_resolved?: boolean;
  /** Times in which only what is critical, and escalations, are told; the rest waits. Each as Alertmanager writes a time interval. @default none */
  readonly quiet_hours?: readonly object[];
}

/** What a channel is made with. Its errors name the channel and the field, never the value. */
export interface Making {
  readonly guard: TargetGuard;
  readonly clock: Clock;
  /** The text behind `env:NAME` or `file:/path`, or the value itself. @throws BellwetherError `config_invalid` */
  readonly text: (field: string, value: string) => string;
  /** As `text`, checked to be an http(s) address that may be reached. @throws BellwetherError `config_invalid` | `target_refused` */
  readonly url: (field: string, value: string) => string;
  /** @throws BellwetherError `config_invalid` that says what the field must be. */
  readonly refuse: (field: string, allowed: string) => never;
}

/** One kind of channel: which fields its configuration has, and how one is made of it. */
export interface ChannelKind<Config extends CommonConfig> {
  readonly fields: Readonly<Record<string, FieldCheck>>;
  readonly create: (config: Config, making: Making) => Channel;
}
