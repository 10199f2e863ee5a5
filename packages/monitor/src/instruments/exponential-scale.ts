/**
 * Bucket numbers of a base-2 exponential histogram, from the bits of a float.
 *
 * At `scale` s there are 2^s buckets an octave; bucket i holds (2^(i/2^s), 2^((i+1)/2^s)], as in OpenTelemetry and in Prometheus's native
 * histograms. The exponent is read from the float's bits; the place within the octave comes from the top five bits of the mantissa and one
 * comparison with the exact boundary, so there is no logarithm and no rounding trouble at boundaries. Halving the scale merges
 * neighbours two by two: i → i >> 1, without loss. Relative error of a bucket's geometric middle: 2^(1/2^(s+1)) − 1, 4.4 % at scale 3.
 */

/** The finest scale used: 8 buckets an octave. */
export const FINEST_SCALE = 3;
const OCTAVE_BUCKETS = 2 ** FINEST_SCALE;
const MANTISSA_STEPS = 32;
/** Values are held to this range of octaves, about 1e-9 to 1e18. */
export const LOWEST_OCTAVE = -30;
export const HIGHEST_OCTAVE = 60;

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
const HIGH = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1;

function highWordOf(value: number): number {
  bits[0] = value;
  return words[HIGH] as number;
}
function lowWordOf(value: number): number {
  bits[0] = value;
  return words[1 - HIGH] as number;
}

/** Upper boundary of each bucket within the octave [1, 2), the last one being the octave's end. */
const boundaries = Float64Array.from({ length: OCTAVE_BUCKETS }, (_, i) => 2 ** ((i + 1) / OCTAVE_BUCKETS));
/** Mantissas of the boundaries, as the high 20 bits and the low 32; the octave's end is above all of them. */
const boundaryHigh = Int32Array.from(boundaries, (boundary) => (boundary === 2 ? 2 ** 20 : highWordOf(boundary) & 0xfffff));
const boundaryLow = Uint32Array.from(boundaries, (boundary) => lowWordOf(boundary));
/** Bucket in which the lower end of each mantissa step lies; the step may reach into the next one, never further. */
const firstBucket = Uint8Array.from({ length: MANTISSA_STEPS }, (_, step) => {
  const low = 1 + step / MANTISSA_STEPS;
  return boundaries.findIndex((upper) => low <= upper);
});

/** Boundary that each mantissa step may reach across. */
const stepLimit = Int32Array.from(firstBucket, (bucket) => boundaryHigh[bucket] as number);

/** Bucket of a finite value > 0 at the finest scale. */
export function bucketOf(value: number): number {
  bits[0] = value;
  const high = (words[HIGH] as number) | 0;
  const mantissa = high & 0xfffff;
  const step = mantissa >>> 15;
  const limit = stepLimit[step] as number;
  const octave = (high >>> 20) - 1023;
  if (mantissa === 0 || mantissa === limit || octave < LOWEST_OCTAVE || octave >= HIGHEST_OCTAVE) return exactBucketOf(value);
  // By the sign of a difference, not by a branch: mantissas are as good as random, so half of the branches would be mispredicted. And words
  // are compared, not floats: reading a float whose half was just written stalls the processor.
  return octave * OCTAVE_BUCKETS + (firstBucket[step] as number) + ((limit - mantissa) >>> 31);
}

/** Those at the ends of the range, and those whose high bits alone do not tell on which side of a boundary they are. */
function exactBucketOf(value: number): number {
  const high = highWordOf(value);
  const octave = (high >>> 20) - 1023;
  if (octave < LOWEST_OCTAVE) return LOWEST_OCTAVE * OCTAVE_BUCKETS;
  if (octave >= HIGHEST_OCTAVE) return HIGHEST_OCTAVE * OCTAVE_BUCKETS - 1;
  const mantissa = high & 0xfffff;
  const low = lowWordOf(value);
  if (mantissa === 0 && low === 0) return octave * OCTAVE_BUCKETS - 1;
  const bucket = firstBucket[mantissa >>> 15] as number;
  const limit = boundaryHigh[bucket] as number;
  const isAbove = mantissa > limit || (mantissa === limit && low > (boundaryLow[bucket] as number));
  return octave * OCTAVE_BUCKETS + (isAbove ? bucket + 1 : bucket);
}

/** Upper boundary of a bucket at a scale. */
export function upperBoundary(bucket: number, scale: number): number {
  return 2 ** ((bucket + 1) / 2 ** scale);
}
