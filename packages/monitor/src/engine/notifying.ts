import { hostname } from 'node:os';
import { THIS_HOST } from '../deliver/stages/stage.ts';
import { DEFAULT_LADDER, type Ladder } from '../alerts/escalation/ladder.ts';
import type { PlanNotifications } from '../alerts/alerting.ts';
import type { Clock } from '../base/clock.ts';
import type { IdSource } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Delivery } from '../deliver/channel.ts';
import { createChannels, planTargets, quietHoursOf } from '../deliver/channels/channel-config.ts';
import { createDelivery, type OutboxDelivery } from '../deliver/create-delivery.ts';
import type { DeliveryConfig } from '../deliver/delivery-config.ts';
import { Heartbeats } from '../deliver/heartbeat/heartbeats.ts';
import { createPlan, type PlanSettings } from '../deliver/plan-notifications.ts';
import { createRouting, type Routing } from '../deliver/routing/routing.ts';
import type { StateStore } from '../store/state-store.ts';

export interface NotifyingParts {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ids: IdSource;
  readonly allowPrivateTargets: readonly string[];
}

/** What is made of one configuration. */
interface Made extends PlanSettings {
  readonly ladder: Ladder;
  readonly config: DeliveryConfig;
}

/** Everything between a changed alert and its receivers, and how it takes another configuration while it runs. */
export class Notifying implements AsyncDisposable {
  readonly plan: PlanNotifications;
  readonly heartbeats: Heartbeats;
  readonly #parts: NotifyingParts;
  readonly #delivery: OutboxDelivery;
  #made: Made;

  /** @throws BellwetherError `config_invalid` | `target_refused` */
  static async open(parts: NotifyingParts, config: DeliveryConfig): Promise<Notifying> {
    const made = settingsOf(config);
    const delivery = createDelivery({ ...parts, channels: channelsOf(parts, config), routing: made.routing });
    const { heartbeats } = config;
    return new Notifying(parts, { made, delivery, heartbeats: await Heartbeats.open({ ...parts, env: process.env, config: heartbeats }) });
  }

  private constructor(
    parts: NotifyingParts,
    { made, delivery, heartbeats }: { readonly made: Made; readonly delivery: OutboxDelivery; readonly heartbeats: Heartbeats },
  ) {
    this.#parts = parts;
    this.#made = made;
    this.#delivery = delivery;
    this.heartbeats = heartbeats;
    const { state, clock, ids } = parts;
    const home = state.server === '' ? THIS_HOST : { id: state.server, name: hostname() };
    this.plan = createPlan({ settings: () => this.#made, home, clock, ids });
  }

  get delivery(): Delivery {
    return this.#delivery;
  }
  get routing(): Routing {
    return this.#made.routing;
  }
  get ladder(): Ladder {
    return this.#made.ladder;
  }
  get config(): DeliveryConfig {
    return this.#made.config;
  }

  /** Takes another configuration: what waits for a channel that is still there is sent by it. @throws as `open` does; nothing has changed then */
  async reconfigure(config: DeliveryConfig): Promise<void> {
    const made = settingsOf(config);
    const channels = channelsOf(this.#parts, config);
    this.heartbeats.reconfigure(config.heartbeats);
    this.#made = made;
    await this.#delivery.replace(channels, made.routing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heartbeats[Symbol.dispose]();
    await this.#delivery[Symbol.asyncDispose]();
  }
}

function channelsOf({ clock, allowPrivateTargets }: NotifyingParts, { channels }: DeliveryConfig): ReturnType<typeof createChannels> {
  return createChannels(channels, { allowPrivateTargets, env: process.env, clock });
}

function settingsOf(config: DeliveryConfig): Made {
  return {
    config,
    channels: planTargets(config.channels),
    routing: createRouting({ ...config.routing, quietHours: quietHoursOf(config.channels) }),
    ladder: config.ladder ?? DEFAULT_LADDER,
  };
}
