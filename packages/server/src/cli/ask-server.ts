import { BellwetherError, messageOf } from '@bellwether/monitor/engine';

const LONGEST_WAIT_MS = 60_000;

export interface ServerAddress {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
}

/** @throws BellwetherError `config_invalid` for what is no address, or without a token */
export function serverAddress(url: string, token: string | undefined): ServerAddress {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new BellwetherError('config_invalid', `--url ${JSON.stringify(url)} is not an address such as http://127.0.0.1:8000`);
  if (token === undefined || token === '')
    throw new BellwetherError('config_invalid', 'BELLWETHER_TOKEN is empty: set it to a token of that server with the scope read');
  return { url: url.replace(/\/+$/, ''), token };
}

/** Posts to a running server and returns the `data` of its answer. @throws BellwetherError `server_refused` with what the server says */
export async function askServer({ url, token }: ServerAddress, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    redirect: 'error',
  }).catch((error: unknown) => {
    const { cause } = error as { readonly cause?: unknown };
    throw new BellwetherError('server_refused', `${url} does not answer: ${messageOf(cause ?? error)}`);
  });
  const answer = (await response.json().catch(() => ({}))) as { readonly data?: unknown; readonly detail?: string };
  if (response.ok && answer.data !== undefined) return answer.data;
  throw new BellwetherError('server_refused', `${url} answers ${response.status}: ${answer.detail ?? 'it may not be a Bellwether server'}`);
}
