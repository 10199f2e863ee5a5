import { createHash } from 'node:crypto';
import { groupKey, type RuleGroup } from './rule-group.ts';

/**
 * When a group is evaluated: each interval, at an offset that its name alone decides, so that groups spread over the interval and a restart
 * finds the same instants. As Prometheus does.
 */
export function offsetMs(group: Pick<RuleGroup, 'file' | 'name' | 'intervalMs'>): number {
  const digest = createHash('sha256').update(groupKey(group)).digest();
  return digest.readUIntBE(0, 6) % group.intervalMs;
}

/** The last instant of evaluation at or before `nowMs`. @param offset of `offsetMs` */
export function slotAt(intervalMs: number, offset: number, nowMs: number): number {
  return Math.floor((nowMs - offset) / intervalMs) * intervalMs + offset;
}
