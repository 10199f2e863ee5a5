import { BellwetherError } from '../../base/errors.ts';
import type { ChannelConfig } from '../channels/channel-config.ts';

/** Fields whose plain value is a secret. */
const SECRETS: Readonly<Record<ChannelConfig['kind'], readonly string[]>> = {
  webhook: ['secret'],
  slack: ['token', 'url'],
  email: ['password'],
  dashboard: [],
  pagerduty: ['routing_key'],
  teams: ['url'],
  telegram: ['token'],
  ntfy: ['token'],
};

const REFERENCE = /^(?:env|file):/;

/** What the API may refer to: it must not be a way to read the server's files and variables. */
const ALLOWED = 'env:BELLWETHER_SECRET_NAME, or file:NAME of a file in the folder "secrets" of the data directory';

function isSecret(config: ChannelConfig, field: string): boolean {
  // With a token, the address is that of Slack's API.
  if (config.kind === 'slack' && config.token !== undefined && field === 'url') return false;
  return SECRETS[config.kind].includes(field);
}

/**
 * Checks that a channel of the API holds no secret itself and refers to none that is not meant for it.
 * @throws BellwetherError `config_invalid` that names the field; values are never repeated
 */
export function checkReferences(config: ChannelConfig): void {
  for (const [field, value] of Object.entries(config)) {
    if (typeof value !== 'string') continue;
    const refuse = (what: string): never => {
      throw new BellwetherError('config_invalid', `channel "${config.name}": ${field} must ${what}`);
    };
    if (REFERENCE.test(value)) {
      if (!/^env:BELLWETHER_SECRET_\w+$/.test(value) && !/^file:[^\0]+$/.test(value)) refuse(`refer to ${ALLOWED}`);
    } else if (isSecret(config, field)) refuse(`be a reference, since it is a secret: ${ALLOWED}`);
    else if (URL.canParse(value) && new URL(value).password !== '') refuse('hold no password; use a reference for the whole address');
  }
}

/** A channel's configuration as people may see it. `hidden`: fields that stand in the file as plain text and are not shown. */
export interface ShownChannel {
  readonly config: Readonly<Record<string, unknown>>;
  readonly hidden: readonly string[];
}

/** @param isOfFile Addresses that stand in the file are not shown either: they may be as good as a password. */
export function shownChannel(config: ChannelConfig, isOfFile: boolean): ShownChannel {
  const isHidden = ([field, value]: readonly [string, unknown]): boolean =>
    typeof value === 'string' && !REFERENCE.test(value) && (isSecret(config, field) || (isOfFile && /^https?:/.test(value)));
  const entries = Object.entries(config);
  return {
    config: Object.fromEntries(entries.filter((entry) => !isHidden(entry))),
    hidden: entries.filter(isHidden).map(([field]) => field),
  };
}
