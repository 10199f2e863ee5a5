import type { Labels } from '../model/labels.ts';
import type { MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import { grown } from './columns.ts';
import type { DropCounts, RecordDropReason } from './drop-counts.ts';
import { DROPPED, LabelIndex, OVERFLOW_LABELS, type LabelSet } from './label-index.ts';

const NO_LABELS: LabelSet = Object.freeze({});

export interface FamilyOptions {
  readonly name: string;
  readonly meta: MetricMeta;
  readonly drops: DropCounts;
  readonly maxSeries: number;
  /** Why every record of this family is dropped; absent when it is a legal one. */
  readonly refusal?: RecordDropReason;
  readonly translate?: (given: LabelSet) => LabelSet;
  /** Makes a slot in the columns of the family's kind. */
  readonly create: (series: SeriesDescriptor) => number;
}

/** All series of one metric: its name, its description, and the way from labels to slots. */
export class Family {
  readonly name: string;
  readonly meta: MetricMeta;
  readonly drops: DropCounts;
  readonly #refusal: RecordDropReason | undefined;
  readonly #index: LabelIndex;
  #slots: Int32Array = new Int32Array(8);
  #count = 0;
  readonly #kept = new Set<number>();
  /** Slot of the series without labels, once used. */
  #bare: number = DROPPED;

  constructor(options: FamilyOptions) {
    this.name = options.name;
    this.meta = options.meta;
    this.drops = options.drops;
    this.#refusal = options.refusal;
    this.#index = new LabelIndex({
      drops: options.drops,
      maxSeries: options.maxSeries,
      ...(options.translate === undefined ? {} : { translate: options.translate }),
      create: (labels: Labels) => {
        const slot = options.create({ name: options.name, labels, meta: options.meta });
        if (this.#count === this.#slots.length) this.#slots = grown(this.#slots);
        this.#slots[this.#count++] = slot;
        if (labels === OVERFLOW_LABELS || Object.keys(labels).length === 0) this.#kept.add(slot);
        return slot;
      },
    });
  }

  /** Slots in the order the series came to be; not to be kept. */
  get slots(): Int32Array {
    return this.#slots.subarray(0, this.#count);
  }

  /** Slot of a series, made when new; `DROPPED`, and counted, when it cannot be. Never throws, allocates only for a new series. */
  slot(labels: LabelSet | undefined): number {
    if (this.#refusal !== undefined) return this.refuse(this.#refusal);
    if (labels !== undefined) return this.#index.slotOf(labels);
    return this.#bare === DROPPED ? (this.#bare = this.#index.slotOf(NO_LABELS)) : this.#bare;
  }

  /** `slot` for a handle that keeps the number: the series never expires. */
  bind(labels: LabelSet): number {
    const slot = this.slot(labels);
    if (slot !== DROPPED) this.#kept.add(slot);
    return slot;
  }

  /** Removes the series that `isUnused` says are; those without labels, those that are bound and the overflow series stay. */
  expire(isUnused: (slot: number) => boolean): ReadonlySet<number> {
    const gone = new Set(this.slots.filter((slot) => isUnused(slot) && !this.#kept.has(slot)));
    if (gone.size === 0) return gone;
    const left = this.slots.filter((slot) => !gone.has(slot));
    this.#slots.set(left);
    this.#count = left.length;
    this.#index.forget(gone);
    return gone;
  }

  refuse(reason: RecordDropReason): number {
    this.drops.count(reason);
    return DROPPED;
  }
}
