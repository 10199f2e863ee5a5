import type { Invalidation, LogEntry, LogPosition, LogSlice } from '../../bus/invalidation-log.ts';
import type { StoredHead } from '../cache-tier.ts';

/**
 * A key or tag as it is written to Redis: the inside of its JSON string. Injective also for lone surrogates, which UTF-8 would all turn into the same
 * character, and the same text for all usual names. `/` stays `/`.
 */
export function wireName(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}
function nameOf(wire: string): string {
  return JSON.parse(`"${wire}"`) as string;
}

export function entryText(what: Invalidation): string {
  return JSON.stringify({ k: what.keys.map(wireName), t: what.tags.map(wireName), a: what.isEverything ? 1 : 0 });
}
function entryOf(mark: string, text: string): LogEntry {
  const { k, t, a } = JSON.parse(text) as { readonly k: string[]; readonly t: string[]; readonly a: number };
  return { mark, keys: k.map(nameOf), tags: t.map(nameOf), isEverything: a === 1 };
}

export function headText(head: StoredHead): string {
  return JSON.stringify({ t: head.tags.map(wireName), k: Number.isFinite(head.keptForMs) ? head.keptForMs : null, l: head.loadMs });
}
export function headOf(text: string): StoredHead {
  const { t, k, l } = JSON.parse(text) as { readonly t: string[]; readonly k: number | null; readonly l: number };
  return { tags: t.map(nameOf), keptForMs: k ?? Infinity, loadMs: l };
}

/** What the scripts answer: [incarnation, seq, mark, continuous, caught up, [mark, entry, …]]. */
export function sliceOf(reply: unknown): LogSlice {
  const [incarnation, seq, mark, continuous, caughtUp, flat] = reply as [unknown, unknown, unknown, unknown, unknown, unknown[]];
  const position: LogPosition = { incarnation: String(incarnation), seq: Number(seq), mark: String(mark) };
  const entries: LogEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) entries.push(entryOf(String(flat[at]), String(flat[at + 1])));
  return { position, isContinuous: Number(continuous) === 1, isCaughtUp: Number(caughtUp) === 1, entries };
}
