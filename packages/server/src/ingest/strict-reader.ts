import { PbfReader } from 'pbf';

/**
 * A protobuf reader that refuses messages cut short. The plain one reads on past the end, and a push that lost its tail on the way would
 * be acknowledged as if it were whole.
 */
export class StrictReader extends PbfReader {
  /** @throws {RangeError} for a message that does not end where it says. */
  override readFields<T>(readField: (tag: number, result: T, pbf: PbfReader) => void, result: T, end: number = this.length): T {
    if (!(end <= this.length)) throw new RangeError('A message ends beyond the body');
    super.readFields(readField, result, end);
    if (this.pos !== end) throw new RangeError('A message does not end where it says');
    return result;
  }
}
