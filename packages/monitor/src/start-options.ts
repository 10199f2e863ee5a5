import { BellwetherError } from './base/errors.ts';
import type { StartOptions } from './performance-monitor.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How a program that is watched from outside starts the monitor: it serves the API if BELLWETHER_PORT is set, and sends its samples to the server that
 * BELLWETHER_PUSH_URL names, with the token of BELLWETHER_PUSH_TOKEN.
 * @throws BellwetherError `config_invalid`. The address is not repeated, for it may hold a secret.
 */
export function startOptionsOf(env: Environment): StartOptions {
  const port = env['BELLWETHER_PORT']?.trim();
  const host = env['BELLWETHER_HOST']?.trim();
  const url = env['BELLWETHER_PUSH_URL']?.trim();
  const token = env['BELLWETHER_PUSH_TOKEN']?.trim();
  if (url && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new BellwetherError('config_invalid', 'BELLWETHER_PUSH_URL is not valid: a URL that begins with http:// or https://', {
      details: { variable: 'BELLWETHER_PUSH_URL' },
    });
  return {
    ...(port ? { api: { port: portOf(port), ...(host ? { host } : {}) } } : {}),
    ...(url ? { push: { url, ...(token ? { token } : {}) } } : {}),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new BellwetherError(
    'config_invalid',
    `BELLWETHER_PORT=${JSON.stringify(text.slice(0, 120))} is not valid: a whole number from 0 to 65535`,
    { details: { variable: 'BELLWETHER_PORT' } },
  );
}
