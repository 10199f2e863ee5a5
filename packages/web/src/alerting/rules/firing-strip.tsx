import type { JSX } from 'preact';
import { durationText } from '../../format/time.ts';
import { totalMs, type FiringStretch } from './firing-stretches.ts';

const WIDTH = 1000;
/** A short firing must still be seen. */
const LEAST_WIDTH = 6;

export interface FiringStripProps {
  readonly name: string;
  readonly stretches: readonly FiringStretch[];
  /** In ms since the epoch. */
  readonly window: readonly [startMs: number, endMs: number];
}

/** `3 times, 12 min in all`. */
function stripWords(stretches: readonly FiringStretch[]): string {
  if (stretches.length === 0) return 'did not fire';
  const times = stretches.length === 1 ? 'once' : `${stretches.length} times`;
  return `fired ${times}, ${durationText(totalMs(stretches))} in all`;
}

/** When something fired: a bar over time, full where it did. Its words say how often and how long; the table is the caller's. */
export function FiringStrip({ name, stretches, window: [startMs, endMs] }: FiringStripProps): JSX.Element {
  const position = (atMs: number): number => (WIDTH * (atMs - startMs)) / (endMs - startMs);
  return (
    <svg class="strip" viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" role="img" aria-label={`${name} ${stripWords(stretches)}`}>
      <rect class="strip-track" x="0" y="4.5" width={WIDTH} height="1" />
      {stretches.map(({ fromMs, toMs }) => {
        const width = Math.max(LEAST_WIDTH, position(toMs) - position(fromMs));
        return <rect key={fromMs} class="strip-bar" x={Math.min(position(fromMs), WIDTH - width)} y="0" width={width} height="10" />;
      })}
    </svg>
  );
}
