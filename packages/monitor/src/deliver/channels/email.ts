import { connect, type Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { emailMessage } from './email-message.ts';
import type { TargetGuard } from '../reach/target-guard.ts';
import { withoutSecrets } from '../reach/without-secrets.ts';
import type { ChannelKind, CommonConfig } from './channel-kind.ts';
import { ADDRESS, ADDRESSES, FLAG, PORT, required, TEXT } from './field-checks.ts';

export interface EmailConfig extends CommonConfig {
  readonly kind: 'email';
  readonly host: string;
  /** @default 465 with `secure`, else 587 */
  readonly port?: number;
  /** @default false */
  readonly secure?: boolean;
  /** Nothing is sent where the server offers no TLS. @default false: the connection is upgraded when it does */
  readonly require_tls?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
}

export interface EmailOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Without it the connection is upgraded when the server offers to. */
  readonly secure: boolean;
  /** Nothing is sent where the server offers no TLS. @default false */
  readonly requireTls?: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly guard: TargetGuard;
  readonly clock: Clock;
  /** Of a whole delivery. @default 10,000 */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;

function isPermanent(error: unknown): boolean {
  const { responseCode, code } = error as { readonly responseCode?: unknown; readonly code?: unknown };
  if (error instanceof BellwetherError) return error.code === 'target_refused';
  // A refused login or TLS may be mended on the server's side at any time: only a refused message is hopeless.
  return typeof responseCode === 'number' && responseCode >= 500 && responseCode < 600 && code !== 'EAUTH' && code !== 'ETLS';
}

/** Sends by SMTP, one connection a message. The message id is the notification's, so mail programs drop duplicates; a group is one thread. */
export class EmailChannel implements Channel {
  readonly name: string;
  readonly kind = 'email';
  readonly #options: EmailOptions;

  constructor(options: EmailOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    // Nobody listens to it yet when the target is refused first.
    cut.catch(() => {});
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS;
    using _timer = this.#options.clock.schedule(timeoutMs, () => reject(new Error(`Not taken within ${timeoutMs / 1000} s`)));
    const onAbort = (): void => reject(new Error('Sending was given up'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    let socket: Socket | undefined;
    try {
      this.#options.guard.check(this.#options.host);
      const connecting = this.#connect();
      socket = connecting.socket;
      await Promise.race([connecting.ready, cut]);
      const { response } = await Promise.race([this.#sendOver(socket, notification), cut]);
      return { status: 'sent', detail: this.#shown(response).slice(0, 200) };
    } catch (error) {
      return { status: 'failed', error: this.#shown(messageOf(error)).slice(0, 300), permanent: isPermanent(error) };
    } finally {
      socket?.destroy();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** What a server says, which may repeat how we logged in. */
  #shown(answer: string): string {
    const { user = '', password = '' } = this.#options;
    const encoded = [password, `\0${user}\0${password}`].map((text) => Buffer.from(text).toString('base64'));
    return withoutSecrets(answer, password === '' ? [] : [password, ...encoded]);
  }

  #connect(): { readonly socket: Socket; readonly ready: Promise<void> } {
    const { host, port, guard } = this.#options;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ host, port, lookup: guard.lookup }, resolve).on('error', reject);
    return { socket, ready };
  }

  async #sendOver(socket: Socket, notification: Notification): Promise<{ readonly response: string }> {
    const { host, port, secure, requireTls = false, user, password, from, to } = this.#options;
    // Six megabytes of heap that only those who send e-mail should pay.
    const { default: nodemailer } = await import('nodemailer');
    const transport = nodemailer.createTransport({
      host,
      port,
      secure,
      requireTLS: requireTls,
      connection: socket,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-].*$/, '') || 'bellwether.invalid';
    const thread = `<group-${Buffer.from(notification.groupKey).toString('hex').slice(0, 80)}@${domain}>`;
    try {
      return await transport.sendMail({
        from,
        to: [...to],
        ...emailMessage(notification),
        messageId: `<${notification.id}@${domain}>`,
        references: thread,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } finally {
      transport.close();
    }
  }
}

export const emailKind: ChannelKind<EmailConfig> = {
  fields: {
    host: required(TEXT),
    port: PORT,
    secure: FLAG,
    require_tls: FLAG,
    user: TEXT,
    password: TEXT,
    from: required(ADDRESS),
    to: required(ADDRESSES),
  },
  create(config, making) {
    const { name, host, from, to, secure = false, require_tls: requireTls = false, port = secure ? 465 : 587 } = config;
    making.guard.check(host);
    const secret = (field: 'user' | 'password'): string | undefined =>
      config[field] === undefined ? undefined : making.text(field, config[field]);
    const { guard, clock } = making;
    const [user, password] = [secret('user'), secret('password')];
    return new EmailChannel({ name, host, port, secure, requireTls, user, password, from, to, guard, clock });
  },
};
