import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { httpPost } from '../reach/http-post.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { HTTP_URL, TEXT } from './field-checks.ts';
import { slackMessage } from './slack-message.ts';

/**
 * Either the `url` of an incoming webhook, or a bot's `token` and a `channel`; the bot updates the message that opened a group. A webhook of an app writes to
 * the channel it was made for; one of Slack's older kind takes a `channel`.
 */
export interface SlackConfig extends CommonConfig {
  readonly kind: 'slack';
  /** Address of an incoming webhook: a secret. With a token: of the Web API. @default 'https://slack.com/api' with a token */
  readonly url?: string;
  /** Token of a bot with the scope chat:write: a secret. */
  readonly token?: string;
  /** Where it writes: for a bot the id of a channel, for instance C0123456789; for a webhook of the older kind `#name` or `@name`. */
  readonly channel?: string;
}

/** Slack takes one message a second in a channel. */
const GAP_MS = 1000;

interface Hook {
  /** A secret. */
  readonly url: string;
  readonly channel: string | undefined;
}

/** Posts to a Slack incoming webhook. */
class SlackWebhookChannel implements Channel {
  readonly name: string;
  readonly kind = 'slack';
  readonly minimumGapMs = GAP_MS;
  readonly #hook: Hook;
  readonly #making: Pick<Making, 'guard' | 'clock'>;

  constructor(name: string, hook: Hook, making: Pick<Making, 'guard' | 'clock'>) {
    this.name = name;
    this.#hook = hook;
    this.#making = making;
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { guard, clock } = this.#making;
    const { url, channel } = this.#hook;
    const body = JSON.stringify({ ...slackMessage(notification), ...(channel === undefined ? {} : { channel }) });
    return httpPost({ url, body, guard, clock, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface SlackAnswer {
  readonly ok?: boolean;
  readonly error?: string;
  readonly ts?: string;
  readonly channel?: string;
}

/** The answer of something that stands before Slack. */
const NOT_JSON = 'the answer is not JSON';
const NO_REASON = 'no reason given';

/** Errors that another try may not meet; all others want a change of the configuration. */
const PASSING: ReadonlySet<string> = new Set([
  NOT_JSON,
  NO_REASON,
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
/** The message to update is gone: a new one says the same. */
const GONE = ['message_not_found', 'cant_update_message', 'edit_window_closed'];

function parsed(answer: string): SlackAnswer {
  try {
    return (JSON.parse(answer) as SlackAnswer | null) ?? {};
  } catch {
    return { error: NOT_JSON };
  }
}

/** Where a bot writes. */
interface BotTarget {
  /** Address of the Web API without a slash at its end. */
  readonly base: string;
  /** A secret. */
  readonly token: string;
  readonly channel: string;
}

/**
 * Posts as a bot. While a group is open its first message is updated in place (its reference is `channel/ts`), and each news beside the end
 * is told in its thread, since an update alone reaches nobody's telephone.
 */
class SlackBotChannel implements Channel {
  readonly name: string;
  readonly kind = 'slack';
  readonly minimumGapMs = GAP_MS;
  readonly #target: BotTarget;
  readonly #making: Pick<Making, 'guard' | 'clock'>;

  constructor(name: string, target: BotTarget, making: Pick<Making, 'guard' | 'clock'>) {
    this.name = name;
    this.#target = target;
    this.#making = making;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const [channel, ts] = notification.reference?.split('/') ?? [];
    const message = slackMessage(notification);
    if (channel === undefined || ts === undefined)
      return this.#call('chat.postMessage', { channel: this.#target.channel, ...message }, signal);
    const updated = await this.#call('chat.update', { channel, ts, ...message }, signal);
    if (updated.status === 'failed' && GONE.some((reason) => updated.error.endsWith(reason)))
      return this.#call('chat.postMessage', { channel: this.#target.channel, ...message }, signal);
    if (updated.status === 'failed' || notification.status === 'resolved') return updated;
    return this.#call('chat.postMessage', { channel, thread_ts: ts, text: message.text }, signal, notification.reference);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #call(method: string, body: object, signal: AbortSignal, reference?: string): Promise<SendOutcome> {
    const { base, token } = this.#target;
    const { guard, clock } = this.#making;
    return httpPost({
      url: `${base}/${method}`,
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
      guard,
      clock,
      signal,
      judge: (answer) => {
        const { ok, error = NO_REASON, ts, channel } = parsed(answer);
        if (ok !== true) return { status: 'failed', error: `Slack refused: ${error}`.slice(0, 200), permanent: !PASSING.has(error) };
        const made = reference ?? (ts === undefined || channel === undefined ? undefined : `${channel}/${ts}`);
        return { status: 'sent', detail: `${method} taken`, ...(made === undefined ? {} : { reference: made }) };
      },
    });
  }
}

export const slackKind: ChannelKind<SlackConfig> = {
  fields: { url: HTTP_URL, token: TEXT, channel: TEXT },
  create({ name, url, token, channel }, making) {
    if (token === undefined) {
      const hook = { url: making.url('url', url ?? making.refuse('url', HTTP_URL.allowed)), channel };
      return new SlackWebhookChannel(name, hook, making);
    }
    if (channel === undefined) return making.refuse('channel', 'the id of a channel, since there is a token');
    const base = making.url('url', url ?? 'https://slack.com/api').replace(/\/+$/, '');
    return new SlackBotChannel(name, { base, token: making.text('token', token), channel }, making);
  },
};
