import type { Clock } from '../../base/clock.ts';
import type { BellwetherError } from '../../base/errors.ts';
import type { Channel } from '../channel.ts';
import { createChannel, createChannels, type ChannelConfig, type ChannelSurroundings } from '../channels/channel-config.ts';
import type { Environment } from '../reach/secret-reference.ts';
import { createTargetGuard } from '../reach/target-guard.ts';
import { apiReferences } from './api-references.ts';
import type { CombinedDelivery } from './combine-delivery.ts';
import { UnmadeChannel } from './unmade-channel.ts';

export interface ChannelSetOptions {
  readonly clock: Clock;
  readonly env: Environment;
  readonly allowPrivateTargets: readonly string[];
  /** Folder of the files that channels of the API may refer to; `undefined`: none. */
  readonly secretsFolder: string | undefined;
}

type MadeChannels = ReadonlyMap<string, { readonly key: string; readonly channel: Channel }>;

/** The channels of one configuration. One follows on another: those that did not change are the same in both, with what they are sending. */
export class ChannelSet {
  readonly #options: ChannelSetOptions;
  readonly #surroundings: ChannelSurroundings;
  readonly #made: MadeChannels;

  /** @param before Made of the configuration that this one follows; without it all channels are made anew, as secrets may have changed. */
  private constructor(options: ChannelSetOptions, { config, ofApi, problems }: CombinedDelivery, before: MadeChannels) {
    this.#options = options;
    const { clock, env, allowPrivateTargets, secretsFolder } = options;
    this.#surroundings = { clock, guard: createTargetGuard(allowPrivateTargets), resolve: apiReferences(secretsFolder, env) };
    this.#made = new Map(
      config.channels.map((channel) => {
        const { name } = channel;
        const isOfApi = ofApi.has(name);
        const key = JSON.stringify([isOfApi, channel]);
        const known = before.get(name);
        if (known?.key === key) return [name, known];
        return [name, { key, channel: isOfApi ? this.#ofApi(channel, problems.channel.get(name)) : this.#ofFile(channel) }];
      }),
    );
  }

  /** All channels, made anew. @throws BellwetherError `config_invalid` | `target_refused` for one of the file */
  static open(options: ChannelSetOptions, combined: CombinedDelivery): ChannelSet {
    return new ChannelSet(options, combined, new Map());
  }

  /** After a change over the API. @param saved Made anew even if it looks the same: its secret may be another. */
  next(combined: CombinedDelivery, saved?: string): ChannelSet {
    return new ChannelSet(this.#options, combined, new Map([...this.#made].filter(([name]) => name !== saved)));
  }

  /** Whoever takes them disposes of them. */
  get channels(): readonly Channel[] {
    return [...this.#made.values()].map(({ channel }) => channel);
  }

  /** Whether a channel of the API can be made. @throws BellwetherError `config_invalid` | `target_refused` that says why not */
  check({ config }: CombinedDelivery, name: string): void {
    const wanted = config.channels.find((channel) => channel.name === name);
    if (wanted !== undefined) void createChannel(wanted, this.#surroundings)[Symbol.asyncDispose]();
  }

  /** Why a channel cannot be made at the moment. */
  problemOf(name: string): BellwetherError | undefined {
    const channel = this.#made.get(name)?.channel;
    return channel instanceof UnmadeChannel ? channel.problem : undefined;
  }

  #ofFile(config: ChannelConfig): Channel {
    return createChannels([config], this.#options)[0] as Channel;
  }

  #ofApi(config: ChannelConfig, problem: BellwetherError | undefined): Channel {
    const make = (): Channel => {
      if (problem !== undefined) throw problem;
      return createChannel(config, this.#surroundings);
    };
    try {
      return make();
    } catch (error) {
      return new UnmadeChannel(config, make, error);
    }
  }
}
