/** What was invalidated in one step: keys, tags with all below them, or everything. */
export interface Invalidation {
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  readonly isEverything: boolean;
}

/** One step of the log. */
export interface LogEntry extends Invalidation {
  /** `origin:number`, unique in the log's life: tells whose step it is, and two histories apart. */
  readonly mark: string;
}

/**
 * A place in the log: after step `seq` of this `incarnation`. A server that lost its data begins a new incarnation; one that lost the end of its
 * history (a failover to a replica that lagged) has another mark, or none, at the same number.
 */
export interface LogPosition {
  readonly incarnation: string;
  /** Steps since the incarnation began, ≥ 0. */
  readonly seq: number;
  /** Mark of step `seq`, empty at 0. */
  readonly mark: string;
}

/** Steps after a position. */
export interface LogSlice {
  /** Where the reader is after these entries; the log's end when the slice is not continuous. */
  readonly position: LogPosition;
  /** False: steps between the position asked for and this one are not known. What the reader holds may be invalid. */
  readonly isContinuous: boolean;
  /** False: there is more; ask again from `position`. */
  readonly isCaughtUp: boolean;
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
}

/** The position of one who has read nothing. */
export const UNKNOWN_POSITION: LogPosition = { incarnation: '', seq: 0, mark: '' };

/**
 * Reads the log in order, whichever answer brings its pieces: entries that were read before are passed over, a gap is told.
 * Pure bookkeeping; O(entries).
 */
export class LogReader {
  readonly #origin: string;
  #position: LogPosition = UNKNOWN_POSITION;
  #lastOwn = 0;

  /**
   * @param origin Steps of this origin, whose marks count upwards, are passed over: their maker applied them when it made them. One that was overtaken on its way by
   * a later one of the same maker is not: here the later one was applied last, in the log it was the earlier.
   */
  constructor(origin: string) {
    this.#origin = `${origin}:`;
  }
  get position(): LogPosition {
    return this.#position;
  }
  /** The entries of others that are new, or `undefined` when some were missed: everything the reader holds is then unknown. */
  read(slice: LogSlice): readonly LogEntry[] | undefined {
    const { position, entries } = slice;
    const here = this.#position;
    const isSameHistory = slice.isContinuous && position.incarnation === here.incarnation;
    if (isSameHistory && position.seq <= here.seq) return [];
    this.#position = position;
    const known = here.seq - (position.seq - entries.length);
    if (!isSameHistory || known < 0) return undefined;
    return entries.slice(known).filter(({ mark }) => !this.#isOwnInOrder(mark));
  }
  #isOwnInOrder(mark: string): boolean {
    if (!mark.startsWith(this.#origin)) return false;
    const number = Number(mark.slice(this.#origin.length));
    const isInOrder = number > this.#lastOwn;
    if (isInOrder) this.#lastOwn = number;
    return isInOrder;
  }
}
