import type { YamlReader } from '../../rules/groups/yaml-reader.ts';
import { parseChannels, type ChannelConfig } from '../channels/channel-config.ts';

/** Something in the file that has no effect here. */
export interface Notice {
  readonly line: number;
  readonly text: string;
}

/** What the file says for all receivers. */
export type Globals = ReadonlyMap<string, YamlReader>;

interface Reading {
  readonly globals: Globals;
  readonly notices: Notice[];
}

/** Fields of one integration, read as they are asked for; what nobody asked for has no effect and is told. */
class Integration {
  readonly #reader: YamlReader;
  readonly #fields: ReadonlyMap<string, YamlReader>;
  readonly #read = new Set<string>(['send_resolved']);
  readonly #globals: Globals;

  constructor(reader: YamlReader, globals: Globals) {
    this.#reader = reader;
    this.#fields = reader.members();
    this.#globals = globals;
  }

  get line(): number {
    return this.#reader.line;
  }
  get sendsResolved(): boolean | undefined {
    return this.#fields.get('send_resolved')?.boolean(true);
  }

  text(field: string, fallback?: string): string | undefined {
    this.#read.add(field);
    const reader = this.#fields.get(field) ?? (fallback === undefined ? undefined : this.#globals.get(fallback));
    return reader === undefined || reader.isAbsent ? undefined : reader.text();
  }
  /** As `text`; one with a template counts as not read, so that it is told. */
  untemplated(field: string): string | undefined {
    const text = this.text(field);
    if (text?.includes('{{') !== true) return text;
    this.#read.delete(field);
    return undefined;
  }
  boolean(field: string, fallback: string): boolean {
    this.#read.add(field);
    return (this.#fields.get(field) ?? this.#globals.get(fallback))?.boolean(true) ?? true;
  }

  /** A secret that stands in the field or in the file that `FIELD_file` names, here or for all. */
  secret(field: string, fallback?: string): string | undefined {
    const file = this.text(`${field}_file`, fallback === undefined ? undefined : `${fallback}_file`);
    const own = this.text(field, fallback);
    return own ?? (file === undefined ? undefined : `file:${file}`);
  }

  required(value: string | undefined, what: string): string {
    return value ?? this.#reader.refuse(`needs ${what}`);
  }

  /** Fields that are set and have no effect. */
  unread(kind: string): Notice[] {
    return [...this.#fields]
      .filter(([name, reader]) => !this.#read.has(name) && !reader.isAbsent)
      .map(([name, reader]) => ({ line: reader.line, text: `${kind}.${name} has no effect here` }));
  }
}

/** The fields of a channel that stands for an integration. */
type Fields = { readonly kind: ChannelConfig['kind']; readonly sendsResolved: boolean } & Readonly<Record<string, unknown>>;

function smarthost(text: string): { readonly host: string; readonly port: number } {
  const [, host = text, port = '25'] = /^(.*):(\d+)$/.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** How each kind of integration becomes a channel. */
const INTEGRATIONS: Readonly<Record<string, (integration: Integration) => Fields>> = {
  webhook_configs: (one) => ({
    kind: 'webhook',
    sendsResolved: true,
    url: one.required(one.secret('url'), 'url or url_file'),
    format: 'alertmanager',
  }),
  email_configs(one) {
    const { host, port } = smarthost(one.required(one.text('smarthost', 'smtp_smarthost'), 'smarthost, or smtp_smarthost in global'));
    const user = one.text('auth_username', 'smtp_auth_username');
    const password = one.secret('auth_password', 'smtp_auth_password');
    const to = one.required(one.text('to'), 'to');
    return {
      kind: 'email',
      sendsResolved: false,
      host,
      port,
      from: one.required(one.text('from', 'smtp_from'), 'from, or smtp_from in global'),
      to: to.split(',').map((address) => address.trim()),
      // The port of TLS from the first byte; elsewhere Alertmanager insists on the upgrade unless it is told not to.
      ...(port === 465 ? { secure: true } : { require_tls: one.boolean('require_tls', 'smtp_require_tls') }),
      ...(user === undefined ? {} : { user, password: password ?? '' }),
    };
  },
  slack_configs(one) {
    const url = one.required(one.secret('api_url', 'slack_api_url'), 'api_url, or slack_api_url in global');
    const channel = one.untemplated('channel');
    return { kind: 'slack', sendsResolved: false, url, ...(channel === undefined ? {} : { channel }) };
  },
  pagerduty_configs: (one) => ({
    kind: 'pagerduty',
    sendsResolved: true,
    routing_key: one.required(one.secret('routing_key') ?? one.secret('service_key'), 'routing_key'),
    url: one.text('url', 'pagerduty_url') ?? 'https://events.pagerduty.com/v2/enqueue',
  }),
  telegram_configs: (one) => ({
    kind: 'telegram',
    sendsResolved: true,
    token: one.required(one.secret('bot_token'), 'bot_token'),
    chat: one.required(one.text('chat_id'), 'chat_id'),
    url: one.text('api_url', 'telegram_api_url') ?? 'https://api.telegram.org',
  }),
  msteams_configs: (one) => ({ kind: 'teams', sendsResolved: true, url: one.required(one.secret('webhook_url'), 'webhook_url') }),
  msteamsv2_configs: (one) => ({ kind: 'teams', sendsResolved: true, url: one.required(one.secret('webhook_url'), 'webhook_url') }),
};

/** Names of channels are made of the receiver's, which may be any text. */
function channelName(receiver: string, kind: string, position: number): string {
  return `${receiver.replaceAll(/[^\w.-]+/g, '_').slice(0, 40)}.${kind}.${position}`;
}

function channelOf(reader: YamlReader, kind: string, name: string, { globals, notices }: Reading): ChannelConfig {
  const integration = new Integration(reader, globals);
  const make = INTEGRATIONS[kind];
  if (make === undefined) return reader.refuse(`${kind} is not known`);
  const { sendsResolved, ...fields } = make(integration);
  const wantsEnds = integration.sendsResolved ?? sendsResolved;
  notices.push(...integration.unread(kind));
  const [channel] = parseChannels([{ name, ...fields, ...(wantsEnds ? {} : { send_resolved: false }) }]);
  return channel ?? reader.refuse('is not a channel');
}

/** Channels of every receiver, by the receiver's name. Integrations of services that we do not reach are told as notices. */
export function readReceivers(reader: YamlReader, reading: Reading): ReadonlyMap<string, readonly ChannelConfig[]> {
  const receivers = new Map<string, readonly ChannelConfig[]>();
  const names = new Set<string>();
  for (const item of reader.items()) {
    const { name, ...kinds } = Object.fromEntries(item.members()) as { readonly name?: YamlReader } & Readonly<Record<string, YamlReader>>;
    const receiver = name?.text() ?? item.refuse('needs a name');
    if (receivers.has(receiver)) item.refuse(`the receiver ${JSON.stringify(receiver)} is given twice`);
    const channels: ChannelConfig[] = [];
    for (const [kind, list] of Object.entries(kinds)) {
      if (INTEGRATIONS[kind] === undefined) {
        reading.notices.push({
          line: list.line,
          text: `${kind} of receiver ${JSON.stringify(receiver)} is not supported: nothing is sent there`,
        });
        continue;
      }
      for (const [position, one] of list.items().entries()) {
        let unique = channelName(receiver, kind.replace(/_configs$/, ''), position);
        while (names.has(unique)) unique += '_';
        names.add(unique);
        channels.push(channelOf(one, kind, unique, reading));
      }
    }
    receivers.set(receiver, channels);
  }
  return receivers;
}
