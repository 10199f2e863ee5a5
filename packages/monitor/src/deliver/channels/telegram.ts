import { messageOf } from '../../base/errors.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import { httpPost } from '../reach/http-post.ts';
import { withoutSecrets } from '../reach/without-secrets.ts';
import type { ChannelKind, CommonConfig, Making } from './channel-kind.ts';
import { HTTP_URL, required, TEXT } from './field-checks.ts';
import { cut, escapeHtml, plainText } from './short-text.ts';

export interface TelegramConfig extends CommonConfig {
  readonly kind: 'telegram';
  /** The bot's token: a secret. */
  readonly token: string;
  /** Id of the chat or `@channelname`. */
  readonly chat: string;
  /** Address of the Bot API. @default 'https://api.telegram.org' */
  readonly url?: string;
}

/** A message has 4,096 characters after its markup is read. */
const MESSAGE_CHARS = 4096;
const TITLE_CHARS = 300;

interface TelegramAnswer {
  readonly ok?: boolean;
  readonly description?: string;
  readonly result?: { readonly message_id?: number };
  readonly parameters?: { readonly retry_after?: number };
}

function parsed(answer: string): TelegramAnswer {
  try {
    return (JSON.parse(answer) as TelegramAnswer | null) ?? {};
  } catch (error) {
    return { ok: false, description: messageOf(error) };
  }
}

function bodyOf(notification: Notification, chat: string): object {
  const mark = notification.status === 'resolved' ? '✅' : '🔔';
  const title = `${mark} ${notification.status === 'resolved' ? '' : `${notification.severity}: `}${notification.title}`;
  const text = plainText(notification, MESSAGE_CHARS - TITLE_CHARS - 20);
  const reply = notification.reference;
  return {
    chat_id: chat,
    parse_mode: 'HTML',
    text: `<b>${escapeHtml(cut(title, TITLE_CHARS))}</b>${text === '' ? '' : `\n\n${escapeHtml(text)}`}`,
    link_preview_options: { is_disabled: true },
    ...(reply === undefined ? {} : { reply_parameters: { message_id: Number(reply), allow_sending_without_reply: true } }),
  };
}

/** Sends by Telegram's Bot API; what follows in a group answers its first message. */
class TelegramChannel implements Channel {
  readonly name: string;
  readonly kind = 'telegram';
  /** Telegram takes one message a second in a chat. */
  readonly minimumGapMs = 1000;
  readonly #url: string;
  readonly #chat: string;
  readonly #token: string;
  readonly #making: Making;

  constructor({ name, chat }: TelegramConfig, request: { readonly url: string; readonly token: string }, making: Making) {
    this.name = name;
    this.#url = request.url;
    this.#token = request.token;
    this.#chat = chat;
    this.#making = making;
  }

  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome> {
    const { guard, clock } = this.#making;
    return httpPost({
      url: this.#url,
      body: JSON.stringify(bodyOf(notification, this.#chat)),
      secrets: [this.#token],
      guard,
      clock,
      signal,
      judge: (answer) => {
        const { ok, description, result } = parsed(answer);
        if (ok !== true)
          return {
            status: 'failed',
            error: `Telegram refused: ${withoutSecrets(description ?? 'no reason given', [this.#token])}`.slice(0, 200),
            permanent: false,
          };
        const reference = notification.reference ?? (result?.message_id === undefined ? undefined : String(result.message_id));
        return { status: 'sent', detail: 'taken by Telegram', ...(reference === undefined ? {} : { reference }) };
      },
      retryAfterSeconds: (answer) => parsed(answer).parameters?.retry_after,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const telegramKind: ChannelKind<TelegramConfig> = {
  fields: { token: required(TEXT), chat: required(TEXT), url: HTTP_URL },
  create(config, making) {
    const token = making.text('token', config.token);
    if (!/^[\w:-]{1,128}$/.test(token)) making.refuse('token', 'the token that BotFather gave');
    const base = making.url('url', config.url ?? 'https://api.telegram.org').replace(/\/+$/, '');
    return new TelegramChannel(config, { url: `${base}/bot${token}/sendMessage`, token }, making);
  },
};
