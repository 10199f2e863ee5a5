import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../base/clock.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { httpPost } from '../reach/http-post.ts';
import { notificationView } from '../notification-view.ts';
import type { TargetGuard } from '../reach/target-guard.ts';
import { alertmanagerPayload } from './alertmanager-payload.ts';
import type { ChannelKind, CommonConfig } from './channel-kind.ts';
import { HTTP_URL, required, TEXT } from './field-checks.ts';

const FORMATS = ['bellwether', 'alertmanager'] as const;

export interface WebhookConfig extends CommonConfig {
  readonly kind: 'webhook';
  readonly url: string;
  /** Of Standard Webhooks. @default not signed */
  readonly secret?: string;
  /** `alertmanager`: the body that Alertmanager sends, for receivers written for it. @default 'bellwether' */
  readonly format?: (typeof FORMATS)[number];
}

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** 24 to 64 bytes in base64, with or without `whsec_`. Without one the request is not signed. */
  readonly secret?: string | undefined;
  /** @default 'bellwether' */
  readonly format?: WebhookConfig['format'];
  readonly guard: TargetGuard;
  readonly clock: Clock;
}

const ALERTS_LISTED = 500;

/** Whether it is a secret of Standard Webhooks: the library takes malformed base64 too, and would sign with a key that nobody else has. */
function isSigningSecret(secret: string): boolean {
  const text = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text && bytes.length >= 24 && bytes.length <= 64;
}

/**
 * Posts `NotificationView` as JSON with the headers of Standard Webhooks: `webhook-id` (the same over retries), `webhook-timestamp`
 * (seconds, of this attempt) and, with a secret, `webhook-signature`.
 */
export class WebhookChannel implements Channel {
  readonly name: string;
  readonly kind = 'webhook';
  readonly #options: WebhookOptions;
  readonly #signer: Webhook | undefined;

  /** @throws {RangeError} for a secret that is not one; it is not repeated. */
  constructor(options: WebhookOptions) {
    this.name = options.name;
    this.#options = options;
    if (options.secret !== undefined && !isSigningSecret(options.secret)) throw new RangeError('secret must be 24 to 64 bytes in base64');
    this.#signer = options.secret === undefined ? undefined : new Webhook(options.secret);
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { url, guard, clock, format } = this.#options;
    const body = JSON.stringify(
      format === 'alertmanager' ? alertmanagerPayload(notification, this.name) : notificationView(notification, ALERTS_LISTED),
    );
    return httpPost({ url, body, guard, clock, signal, headers: this.#headers(notification.id, body) });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #headers(id: string, body: string): Record<string, string> {
    const now = new Date(this.#options.clock.nowMs());
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(now.getTime() / 1000)) };
    return this.#signer === undefined ? headers : { ...headers, 'webhook-signature': this.#signer.sign(id, now, body) };
  }
}

export const webhookKind: ChannelKind<WebhookConfig> = {
  fields: {
    url: required(HTTP_URL),
    secret: TEXT,
    format: { allowed: `one of ${FORMATS.join(', ')}`, accepts: (value) => FORMATS.some((format) => format === value) },
  },
  create(config, making) {
    const url = making.url('url', config.url);
    const secret = config.secret === undefined ? undefined : making.text('secret', config.secret);
    if (secret !== undefined && !isSigningSecret(secret))
      making.refuse('secret', '24 to 64 bytes in base64, with or without whsec_ before it');
    const { name, format = 'bellwether' } = config;
    return new WebhookChannel({ name, url, secret, format, guard: making.guard, clock: making.clock });
  },
};
