import { createRequire } from 'node:module';
import fc from 'fast-check';
import { PbfWriter } from 'pbf';
import { compress } from 'snappyjs';
import { expect, test } from 'vitest';
import { LabelBytesMemory } from './label-bytes-memory.ts';
import { unsnap } from './unsnap.ts';
import { WriteRequestReader } from './write-request.ts';

type Sample = readonly [value: number, atMs: number];
interface Series {
  readonly labels: readonly (readonly [string, string])[];
  readonly samples: readonly Sample[];
}

/** As protobuf libraries write it: fields that are zero are left out. */
function encode(series: readonly Series[]): Uint8Array {
  const pbf = new PbfWriter();
  for (const one of series) {
    pbf.writeMessage(
      1,
      (_: null, message) => {
        for (const label of one.labels)
          message.writeMessage(
            1,
            ([name, value]: readonly [string, string], inner) => {
              inner.writeStringField(1, name);
              inner.writeStringField(2, value);
            },
            label,
          );
        for (const sample of one.samples)
          message.writeMessage(
            2,
            ([value, atMs]: Sample, inner) => {
              if (!Object.is(value, 0)) inner.writeDoubleField(1, value);
              if (atMs !== 0) inner.writeVarintField(2, atMs);
            },
            sample,
          );
      },
      null,
    );
  }
  return pbf.finish();
}

/** A reader whose series are numbered by their bytes, in order of arrival; an empty label set is not legal. */
function open(): { readonly reader: WriteRequestReader; readonly resolved: string[] } {
  const resolved: string[] = [];
  const memory = new LabelBytesMemory((bytes) => {
    if (bytes.length === 0) return { ref: undefined, isLegal: false };
    resolved.push(Buffer.from(bytes).toString('latin1'));
    return { ref: resolved.length - 1, isLegal: true };
  }, 50);
  return { reader: new WriteRequestReader(memory), resolved };
}
const visitor = { onMetadata: (): void => undefined };

const label = fc.tuple(fc.constantFrom('__name__', 'job', 'zone'), fc.string({ maxLength: 6 }));
const sample = fc.tuple(fc.double(), fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 41 })));
const request = fc.array(fc.record({ labels: fc.array(label, { maxLength: 3 }), samples: fc.array(sample, { maxLength: 4 }) }), {
  maxLength: 8,
});

test('property: every sample of every request lands at its series, whatever came before', () => {
  const { reader, resolved } = open();
  fc.assert(
    fc.property(request, (series) => {
      reader.read(encode(series), visitor);
      const { batch } = reader;
      const found = Array.from({ length: batch.length }, (_, i) => [resolved[batch.refs[i] ?? 0], batch.values[i], batch.timesMs[i]]);
      const keyOf = (one: Series): string => Buffer.from(encode([{ labels: one.labels, samples: [] }]).subarray(2)).toString('latin1');
      const legal = series.filter(({ labels }) => labels.length > 0);
      expect(found).toEqual(legal.flatMap((one) => one.samples.map(([value, atMs]) => [keyOf(one), value, atMs])));
      expect(reader.illegal).toBe(series.reduce((sum, one) => sum + (one.labels.length === 0 ? one.samples.length : 0), 0));
    }),
    { numRuns: 300 },
  );
});

test('property: a request cut short anywhere but between two series is refused, and random bytes never hang', () => {
  const { reader } = open();
  fc.assert(
    fc.property(request, fc.nat(), (series, at) => {
      const bytes = encode(series);
      const cut = at % (bytes.length + 1);
      const ends = series.map((_, i) => encode(series.slice(0, i + 1)).length);
      const read = (): void => reader.read(bytes.subarray(0, cut), visitor);
      if (cut === 0 || ends.includes(cut)) expect(read).not.toThrow();
      else expect(read).toThrow(RangeError);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        reader.read(bytes, visitor);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

test('a stale marker comes through bit by bit, and an instant before 1970 is negative', () => {
  const { reader } = open();
  const stale = new Float64Array(new BigUint64Array([0x7ff0000000000002n]).buffer);
  const bytes = encode([{ labels: [['__name__', 'up']], samples: [[1.5, -7]] }]);
  const at = Buffer.from(bytes).indexOf(Buffer.from(new Float64Array([1.5]).buffer));
  bytes.set(new Uint8Array(stale.buffer), at);
  reader.read(bytes, visitor);
  expect(new BigUint64Array(reader.batch.values.buffer)[0]).toBe(0x7ff0000000000002n);
  expect(reader.batch.timesMs[0]).toBe(-1);
});

test('bodies are unpacked alike by the native library and the one in JavaScript, and lies about their length are refused', () => {
  const plain = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 97);
  const packed = compress(plain);
  expect(Uint8Array.from(unsnap(packed, 5000))).toEqual(plain);
  expect(() => unsnap(packed, 4999)).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  const lying = Uint8Array.from(packed);
  lying[0] = (lying[0] ?? 0) ^ 1;
  expect(() => unsnap(lying, 1e6)).toThrow(expect.objectContaining({ code: 'body_malformed' }));
  expect(() => unsnap(new Uint8Array(0), 1e6)).toThrow(expect.objectContaining({ code: 'body_malformed' }));
  const { compressSync } = createRequire(import.meta.url)('snappy') as { compressSync(bytes: Uint8Array): Uint8Array };
  expect(Uint8Array.from(unsnap(compressSync(plain), 5000))).toEqual(plain);
});
