import type { Severity } from '../../model/severity.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { httpPost } from '../reach/http-post.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { HTTP_URL, required, type FieldCheck, TEXT } from './field-checks.ts';
import { cutBytes, plainText } from './short-text.ts';

export interface NtfyConfig extends CommonConfig {
  readonly kind: 'ntfy';
  /** On a public server whoever knows the topic reads it. */
  readonly topic: string;
  /** Access token of a protected topic: a secret. */
  readonly token?: string;
  /** Address of the server. @default 'https://ntfy.sh' */
  readonly url?: string;
}

/** Beyond 4,096 bytes ntfy makes a message an attachment, which nobody reads on a telephone. */
const MESSAGE_BYTES = 4000;
const TITLE_BYTES = 250;

const PRIORITIES: Readonly<Record<Severity, number>> = { low: 2, medium: 3, high: 4, critical: 5 };

function bodyOf(notification: Notification, topic: string): object {
  const isOver = notification.status === 'resolved';
  const text = plainText(notification, MESSAGE_BYTES);
  return {
    topic,
    title: cutBytes(notification.title, TITLE_BYTES),
    message: cutBytes(text === '' ? notification.title : text, MESSAGE_BYTES),
    priority: isOver ? 2 : PRIORITIES[notification.severity],
    tags: [isOver ? 'white_check_mark' : 'rotating_light', notification.severity],
  };
}

/** Publishes to a topic of an ntfy server. */
class NtfyChannel implements Channel {
  readonly name: string;
  readonly kind = 'ntfy';
  readonly #topic: string;
  readonly #request: { readonly url: string; readonly headers: Readonly<Record<string, string>> } & Pick<Making, 'guard' | 'clock'>;

  constructor({ name, topic }: NtfyConfig, request: { readonly url: string; readonly token: string | undefined }, making: Making) {
    this.name = name;
    this.#topic = topic;
    const headers: Record<string, string> = request.token === undefined ? {} : { authorization: `Bearer ${request.token}` };
    this.#request = { url: request.url, headers, guard: making.guard, clock: making.clock };
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    return httpPost({ ...this.#request, body: JSON.stringify(bodyOf(notification, this.#topic)), signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const TOPIC: FieldCheck = {
  allowed: '1 to 64 letters, digits, "_" or "-"',
  accepts: (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value),
};

export const ntfyKind: ChannelKind<NtfyConfig> = {
  fields: { topic: required(TOPIC), token: TEXT, url: HTTP_URL },
  create(config, making) {
    const url = making.url('url', config.url ?? 'https://ntfy.sh');
    const token = config.token === undefined ? undefined : making.text('token', config.token);
    return new NtfyChannel(config, { url, token }, making);
  },
};
