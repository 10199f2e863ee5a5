import { BellwetherError } from '../../base/errors.ts';
import type { DeliveryPart, DeliveryParts, PartKind } from './delivery-parts.ts';

/** What people call a part of each kind, and how many of it may be saved. */
const KINDS: Readonly<Record<PartKind, { readonly noun: string; readonly plural: string; readonly most: number }>> = {
  channel: { noun: 'channel', plural: 'channels', most: 100 },
  route: { noun: 'route', plural: 'routes', most: 200 },
  ladder: { noun: 'escalation ladder', plural: 'escalation ladders', most: 50 },
};

const OWNED_HINT = 'Change it in the configuration file, then reload it with POST /-/reload or SIGHUP.';

const quoted = (name: string): string => JSON.stringify(name.slice(0, 80));

/** What the API may not touch: it stands in the configuration file, or is built in. */
export function ownedByFile(kind: PartKind, name: string): BellwetherError {
  return new BellwetherError('state_conflict', `The ${KINDS[kind].noun} ${quoted(name)} is not one of the API`, { hint: OWNED_HINT });
}

/** What was saved under a name that the configuration file has taken since. */
export function shadowedByFile(kind: PartKind, name: string): BellwetherError {
  const { noun } = KINDS[kind];
  return new BellwetherError('state_conflict', `The configuration file has the ${noun} ${quoted(name)}, which is used`, {
    hint: `Choose another name, or take the ${noun} out of the file.`,
  });
}

export interface PartChange {
  readonly kind: PartKind;
  readonly name: string;
  readonly body: unknown;
  /** Among those of its kind, from 0; beyond the last: at the end. @default where it is, a new one at the end */
  readonly position?: number | undefined;
}

/** Names that are taken by the file. */
type FileNames = ReadonlySet<string>;

function placed(parts: readonly DeliveryPart[], part: DeliveryPart, position: number): readonly DeliveryPart[] {
  return parts.toSpliced(position, 0, part);
}

/** @throws BellwetherError `state_conflict` for a name that is taken, or when there are as many as there may be. */
export function withNew(parts: DeliveryParts, { kind, name, body, position }: PartChange): DeliveryParts {
  const { noun, plural, most } = KINDS[kind];
  const present = parts[kind];
  if (present.some((part) => part.name === name))
    throw new BellwetherError('state_conflict', `There is a ${noun} ${quoted(name)} already`, { hint: 'Replace it with PUT.' });
  if (present.length >= most)
    throw new BellwetherError('state_conflict', `There are ${most} ${plural} of the API already`, { hint: 'Delete some first.' });
  return { ...parts, [kind]: placed(present, { name, body }, position ?? present.length) };
}

/** @throws BellwetherError `state_not_found`; `state_conflict` for one of the file. */
export function withReplaced(parts: DeliveryParts, change: PartChange, fileNames: FileNames): DeliveryParts {
  const { kind, name, body, position } = change;
  const at = indexOf(parts, change, fileNames);
  return { ...parts, [kind]: placed(parts[kind].toSpliced(at, 1), { name, body }, position ?? at) };
}

/** @throws BellwetherError `state_not_found`; `state_conflict` for one of the file. */
export function without(parts: DeliveryParts, part: Pick<PartChange, 'kind' | 'name'>, fileNames: FileNames): DeliveryParts {
  const at = indexOf(parts, part, fileNames);
  return { ...parts, [part.kind]: parts[part.kind].toSpliced(at, 1) };
}

function indexOf(parts: DeliveryParts, { kind, name }: Pick<PartChange, 'kind' | 'name'>, fileNames: FileNames): number {
  const at = parts[kind].findIndex((part) => part.name === name);
  if (at !== -1) return at;
  if (fileNames.has(name)) throw ownedByFile(kind, name);
  throw new BellwetherError('state_not_found', `There is no ${KINDS[kind].noun} ${quoted(name)}`);
}

interface NamesChannels {
  readonly receiver?: unknown;
  readonly channels?: unknown;
  readonly routes?: unknown;
  readonly steps?: unknown;
}

function names(body: unknown, channel: string): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const { receiver, channels, routes, steps } = body as NamesChannels;
  const inner = [routes, steps].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return receiver === channel || (Array.isArray(channels) && channels.includes(channel)) || inner.some((one) => names(one, channel));
}

/** @throws BellwetherError `state_conflict` that lists the routes and ladders which name the channel. */
export function checkUnused({ route, ladder }: DeliveryParts, channel: string): void {
  const listed = (kind: PartKind, parts: readonly DeliveryPart[]): string[] =>
    parts.filter(({ body }) => names(body, channel)).map(({ name }) => `${KINDS[kind].noun} ${name}`);
  const users = [...listed('route', route), ...listed('ladder', ladder)];
  if (users.length === 0) return;
  throw new BellwetherError('state_conflict', `The channel ${quoted(channel)} is named by ${users.join(', ')}`, {
    hint: 'Change or delete these first.',
  });
}
