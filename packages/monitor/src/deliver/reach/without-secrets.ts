/** Shorter parts of an address are words, not secrets. */
const SHORTEST_SECRET = 8;

/** What of a request may be a secret: the parts of its address behind the host, who is named before it, and its authorization. */
export function secretsOf(url: string, headers: Readonly<Record<string, string>> = {}): string[] {
  const { pathname, search, username, password } = new URL(url);
  const parts = [...`${pathname}${search}`.split(/[/?&=]/), username, password].flatMap((part) => [part, decoded(part)]);
  const { authorization = '' } = headers;
  return [...parts, authorization.replace(/^\w+ +/, '')].filter((part) => part.length >= SHORTEST_SECRET);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What a receiver says, on one line, without secrets that it repeats: many name the path that they do not know. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const plain = text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  const longestFirst = secrets.filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '…'), plain);
}
