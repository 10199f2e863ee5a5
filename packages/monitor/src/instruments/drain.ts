/**
 * From the columns of a registry to samples.
 *
 * A level gives up to three samples an interval, the lowest, the highest and the newest, each at its time, so that `min_over_time`,
 * `max_over_time` and the current value are exact whatever the interval. A counter gives its total when that changed, and else every ten
 * seconds; after a pause, or when it is new, also what it was at the drain before (`WireWriter.step`). The same holds for each bucket of a
 * histogram: a new one starts from what the bucket below it had.
 */
import type { CounterColumns, GaugeColumns } from './columns.ts';
import type { HistogramColumns } from './histogram.ts';
import type { HistogramWire } from './histogram-wire.ts';
import { isHeartbeat, type WireSlots } from './wire-slots.ts';
import type { Drain } from './wire-writer.ts';

export function drainCounters(columns: CounterColumns, slots: WireSlots, drain: Drain): void {
  for (let slot = 0; slot < columns.length; slot++) {
    if (slots.isFree(slot)) continue;
    const before = columns.drained(slot);
    const total = columns.totals[slot] as number;
    if (total !== before) slots.touch(slot);
    else if (slots.isTold(slot) && !isHeartbeat(slot, drain)) continue;
    drain.writer.step(slots.of(slot), before, total, drain);
    columns.markDrained(slot);
  }
}

/** What was counted since the drain before, a second. */
export function drainRates(columns: CounterColumns, slots: WireSlots, drain: Drain): void {
  const seconds = (drain.nowMs - drain.previousMs) / 1000;
  if (!(seconds > 0)) return;
  for (let slot = 0; slot < columns.length; slot++) {
    if (slots.isFree(slot)) continue;
    const count = (columns.totals[slot] as number) - columns.drained(slot);
    if (count > 0) slots.touch(slot);
    drain.writer.add(slots.of(slot), drain.nowMs, count / seconds);
    columns.markDrained(slot);
  }
}

/** @param repeats Whether a level nobody touched is told again. */
export function drainGauges(columns: GaugeColumns, slots: WireSlots, { repeats, ...drain }: Drain & { readonly repeats: boolean }): void {
  for (let slot = 0; slot < columns.length; slot++) {
    if (slots.isFree(slot)) continue;
    if (columns.isTouched(slot)) {
      writeLevel(columns, slot, { ...drain, wire: slots.of(slot) });
      columns.reset(slot);
      slots.touch(slot);
    } else if (repeats) drain.writer.add(slots.of(slot), drain.nowMs, columns.last(slot));
  }
}

/** @param slots Of the gauges of the histograms' own names. @param wires The histogram side of each slot. */
export function drainHistograms(
  columns: HistogramColumns,
  { slots, wires }: { readonly slots: WireSlots; readonly wires: readonly (HistogramWire | undefined)[] },
  drain: Drain,
): void {
  for (let slot = 0; slot < columns.length; slot++) {
    const wire = wires[slot];
    if (wire === undefined) continue;
    const isTouched = columns.gauges.isTouched(slot);
    if (isTouched) {
      slots.touch(slot);
      writeLevel(columns.gauges, slot, { ...drain, wire: slots.of(slot) });
    }
    if (isTouched || (slots.isTold(slot) && isHeartbeat(slot, drain))) wire.write(columns, slot, drain);
    if (isTouched) columns.markDrained(slot);
  }
}

function writeLevel(columns: GaugeColumns, slot: number, { writer, wire, nowMs }: Drain & { readonly wire: number }): void {
  const { last, lastAtMs, min, minAtMs, max, maxAtMs } = columns.read(slot);
  const isMinFirst = minAtMs <= maxAtMs;
  if (isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  if (max !== last) writer.add(wire, maxAtMs, max);
  if (!isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  writer.add(wire, Number.isNaN(lastAtMs) ? nowMs : lastAtMs, last);
}
