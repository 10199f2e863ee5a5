import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';

/**
 * Stands for a channel that cannot be made now, because its secret is not there or its target is refused. Its messages wait as for a receiver
 * that is away, and each attempt tries to make it: nothing is lost, it is told as failing, and it goes on by itself once the cause is mended.
 */
export class UnmadeChannel implements Channel {
  readonly name: string;
  readonly kind: Channel['kind'];
  readonly #make: () => Channel;
  #made: Channel | undefined;
  #problem: BellwetherError | undefined;

  /** @param make Throws for as long as the channel cannot be made. @param problem Why it could not. */
  constructor({ name, kind }: Pick<Channel, 'name' | 'kind'>, make: () => Channel, problem: unknown) {
    this.name = name;
    this.kind = kind;
    this.#make = make;
    this.#problem = codedProblem(problem);
  }

  /** Why it cannot be made; `undefined` once it could. */
  get problem(): BellwetherError | undefined {
    return this.#problem;
  }
  get minimumGapMs(): number {
    return this.#made?.minimumGapMs ?? 0;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const made = this.#made ?? this.#tryToMake();
    if (made === undefined) return { status: 'failed', error: messageOf(this.#problem), permanent: false };
    return await made.send(notification, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made?.[Symbol.asyncDispose]();
  }

  #tryToMake(): Channel | undefined {
    try {
      this.#made = this.#make();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = codedProblem(error);
    }
    return this.#made;
  }
}

/** As a stable code; what was not foreseen counts as a setting that is not right. */
export function codedProblem(thrown: unknown): BellwetherError {
  return thrown instanceof BellwetherError ? thrown : new BellwetherError('config_invalid', messageOf(thrown));
}
