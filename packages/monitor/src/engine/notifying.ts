import { hostname } from 'node:os';
import { THIS_HOST } from '../deliver/stages/stage.ts';
import { compileLadders, type FindLadder } from '../alerts/escalation/find-ladder.ts';
import type { NamedLadder } from '../alerts/escalation/ladder.ts';
import type { PlanNotifications } from '../alerts/alerting.ts';
import type { Clock } from '../base/clock.ts';
import type { IdSource } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Delivery } from '../deliver/channel.ts';
import { planTargets, quietHoursOf } from '../deliver/channels/channel-config.ts';
import { createDelivery, type OutboxDelivery } from '../deliver/create-delivery.ts';
import type { DeliveryConfig } from '../deliver/delivery-config.ts';
import { Heartbeats } from '../deliver/heartbeat/heartbeats.ts';
import { createPlan, type PlanSettings } from '../deliver/plan-notifications.ts';
import { createRouting, type Routing } from '../deliver/routing/routing.ts';
import { ChannelSet } from '../deliver/saved/channel-set.ts';
import { combineDelivery, fileNames, type CombinedDelivery } from '../deliver/saved/combine-delivery.ts';
import { changeParts, fingerprintOf, PART_KINDS, readParts, type DeliveryParts, type PartKind } from '../deliver/saved/delivery-parts.ts';
import { checkUnused, withNew, without, withReplaced, type PartChange } from '../deliver/saved/edit-parts.ts';
import type { StateStore } from '../store/state-store.ts';

export interface NotifyingParts {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ids: IdSource;
  readonly allowPrivateTargets: readonly string[];
  /** Folder of the files that channels of the API may refer to; `undefined`: none. */
  readonly secretsFolder: string | undefined;
}

/** What was saved over the API and how it fares. */
export interface SavedPart {
  readonly name: string;
  /** Among those of its kind, from 0. */
  readonly position: number;
  /** As it was saved; `undefined` when that cannot be read. */
  readonly body: unknown;
  /** Why it does not work, or not as it was saved. */
  readonly problem: string | undefined;
}

/** What is made of file and API together. */
interface Made extends PlanSettings {
  readonly combined: CombinedDelivery;
  readonly findLadder: FindLadder<NamedLadder>;
}

/** What the file says and what the API has saved. */
interface Sources {
  readonly file: DeliveryConfig;
  readonly saved: DeliveryParts;
}

/** Everything between a changed alert and its receivers, and how it takes another configuration, of the file or the API, while it runs. */
export class Notifying implements AsyncDisposable {
  readonly plan: PlanNotifications;
  readonly heartbeats: Heartbeats;
  readonly #parts: NotifyingParts;
  readonly #delivery: OutboxDelivery;
  #channels: ChannelSet;
  #sources: Sources;
  #made: Made;
  #fingerprint = '';
  /** Changes are taken one after another. */
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @throws BellwetherError `config_invalid` | `target_refused`, for what the file says: nothing that was saved keeps it from opening */
  static async open(parts: NotifyingParts, file: DeliveryConfig): Promise<Notifying> {
    const sources = { file, saved: await readParts(parts.state) };
    const made = madeOf(sources);
    const channels = freshChannels(parts, made.combined);
    const delivery = createDelivery({ ...parts, channels: channels.channels, routing: made.routing });
    const { heartbeats } = file;
    const notifying = new Notifying(parts, {
      sources,
      made,
      channels,
      delivery,
      heartbeats: await Heartbeats.open({ ...parts, env: process.env, config: heartbeats }),
    });
    notifying.#tellProblems();
    return notifying;
  }

  private constructor(
    parts: NotifyingParts,
    opened: {
      readonly sources: Sources;
      readonly made: Made;
      readonly channels: ChannelSet;
      readonly delivery: OutboxDelivery;
      readonly heartbeats: Heartbeats;
    },
  ) {
    this.#parts = parts;
    this.#sources = opened.sources;
    this.#made = opened.made;
    this.#channels = opened.channels;
    this.#delivery = opened.delivery;
    this.heartbeats = opened.heartbeats;
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
  get ladderOf(): FindLadder<NamedLadder> {
    return this.#made.findLadder;
  }
  /** File and API together. */
  get config(): DeliveryConfig {
    return this.#made.combined.config;
  }

  /** Whether the channel, route or ladder at work under that name comes from the API. */
  isOfApi(kind: PartKind, name: string): boolean {
    return !fileNames(this.#sources.file)[kind].has(name) && this.#sources.saved[kind].some((part) => part.name === name);
  }

  /** All that was saved of one kind, in its order. */
  saved(kind: PartKind): readonly SavedPart[] {
    return this.#sources.saved[kind].map(({ name, body }, position) => ({ name, position, body, problem: this.#problemOf(kind, name) }));
  }

  /**
   * Saves something new; it is at work when the promise resolves.
   * @throws BellwetherError `config_invalid` | `target_refused` that names the field; `state_conflict` for a name that is taken, or too many
   */
  create(part: PartChange): Promise<void> {
    return this.#change(part, (saved) => this.#checked(withNew(saved, part), part));
  }

  /** As `create`, in the place of what has the name. @throws as `create` does; `state_not_found`; `state_conflict` for what stands in the file */
  replace(part: PartChange): Promise<void> {
    return this.#change(part, (saved) => this.#checked(withReplaced(saved, part, this.#fileNames(part.kind)), part));
  }

  /** What waits for a channel that is removed becomes a dead letter. @throws BellwetherError `state_not_found`; `state_conflict` for what stands in the file and for a channel that something names */
  remove(part: Pick<PartChange, 'kind' | 'name'>): Promise<void> {
    return this.#change(part, (saved) => {
      const left = without(saved, part, this.#fileNames(part.kind));
      if (part.kind === 'channel' && !this.#fileNames('channel').has(part.name)) checkUnused(left, part.name);
      return left;
    });
  }

  /** Takes another configuration file: what waits for a channel that is still there is sent by it. @throws as `open` does; nothing has changed then */
  reconfigure(file: DeliveryConfig): Promise<void> {
    return this.#inTurn(async () => {
      const sources = { file, saved: this.#sources.saved };
      const channels = freshChannels(this.#parts, combineDelivery(file, sources.saved));
      this.heartbeats.reconfigure(file.heartbeats);
      await this.#adopt(sources, () => channels);
    });
  }

  /** Takes what other servers that share the state saved. @throws BellwetherError `state_unavailable` */
  takeChanges(): Promise<void> {
    return this.#inTurn(async () => {
      const fingerprint = await fingerprintOf(this.#parts.state);
      if (fingerprint === this.#fingerprint) return;
      await this.#adopt({ file: this.#sources.file, saved: await readParts(this.#parts.state) });
      this.#fingerprint = fingerprint;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastChange;
    this.heartbeats[Symbol.dispose]();
    await this.#delivery[Symbol.asyncDispose]();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#lastChange.then(work);
    this.#lastChange = result.catch(() => {});
    return result;
  }

  #change({ kind, name }: Pick<PartChange, 'kind' | 'name'>, change: (saved: DeliveryParts) => DeliveryParts): Promise<void> {
    return this.#inTurn(async () => {
      const { state, clock } = this.#parts;
      const saved = await changeParts(state, clock.nowMs(), change);
      await this.#adopt({ file: this.#sources.file, saved }, (combined) =>
        this.#channels.next(combined, kind === 'channel' ? name : undefined),
      );
    });
  }

  /** @throws its problem, if the part that was changed has one beside the others */
  #checked(saved: DeliveryParts, { kind, name }: PartChange): DeliveryParts {
    const combined = combineDelivery(this.#sources.file, saved);
    const problem = combined.problems[kind].get(name);
    if (problem !== undefined) throw problem;
    if (kind === 'channel') this.#channels.check(combined, name);
    return saved;
  }

  async #adopt(sources: Sources, channelsFor = (combined: CombinedDelivery): ChannelSet => this.#channels.next(combined)): Promise<void> {
    const made = madeOf(sources);
    const present = new Set(made.combined.config.channels.map(({ name }) => name));
    const gone = [...this.#made.combined.ofApi].filter((name) => !present.has(name));
    this.#sources = sources;
    this.#made = made;
    this.#channels = channelsFor(made.combined);
    this.#tellProblems();
    await this.#delivery.replace(this.#channels.channels, made.routing, gone);
  }

  #fileNames(kind: PartKind): ReadonlySet<string> {
    return fileNames(this.#sources.file)[kind];
  }

  #problemOf(kind: PartKind, name: string): string | undefined {
    return (
      this.#made.combined.problems[kind].get(name)?.message ?? (kind === 'channel' ? this.#channels.problemOf(name)?.message : undefined)
    );
  }

  #tellProblems(): void {
    for (const kind of PART_KINDS)
      for (const { name, problem } of this.saved(kind))
        if (problem !== undefined)
          this.#parts.log.warn({ [kind]: name, problem }, 'What was saved over the API does not work as it was saved');
  }
}

function freshChannels(parts: NotifyingParts, combined: CombinedDelivery): ChannelSet {
  return ChannelSet.open({ ...parts, env: process.env }, combined);
}

function madeOf({ file, saved }: Sources): Made {
  const combined = combineDelivery(file, saved);
  const { channels, routing, ladders } = combined.config;
  return {
    combined,
    channels: planTargets(channels),
    routing: createRouting({ ...routing, quietHours: quietHoursOf(channels) }),
    findLadder: compileLadders(ladders),
  };
}
