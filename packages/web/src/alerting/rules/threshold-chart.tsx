import type { JSX, TargetedPointerEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { quantityText } from '../../format/number.ts';
import { movedByKey, scaleOf, snapped, type Scale } from './threshold-scale.ts';
import type { ThresholdRule } from './threshold-rule.ts';

export interface ThresholdChartProps {
  readonly rule: ThresholdRule;
  readonly unit: string;
  /** Time in seconds and value, oldest first, at least one. */
  readonly points: readonly (readonly [number, number])[];
  readonly windowSeconds: number;
  /** In the order of the rule's limits. */
  readonly limits: readonly number[];
  readonly onMove: (limits: readonly number[]) => void;
}

const WIDTH = 1000;
const HEIGHT = 100;

/** A point further than this share of the window from the one before begins a new piece of the line. */
const GAP = 1 / 100;

interface Place {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly gapSeconds: number;
}

/** Each piece ends in a short stroke, so that a lone point is seen too. */
function linePath(points: ThresholdChartProps['points'], { x, y, gapSeconds }: Place): string {
  const isNear = (index: number): boolean =>
    Math.abs((points[index]?.[0] ?? -Infinity) - (points[index - 1]?.[0] ?? Infinity)) <= gapSeconds;
  const steps = points.map(([at, value], index) => {
    const start = index > 0 && isNear(index) ? 'L' : 'M';
    const end = isNear(index + 1) ? '' : 'h1';
    return `${start}${x(at).toFixed(1)} ${y(value).toFixed(2)}${end}`;
  });
  return steps.join('');
}

interface HandleProps {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  readonly scale: Scale;
  readonly onMove: (value: number) => void;
}

/** The grip of one line, also moved by the arrow keys. */
function Handle({ label, value, text, scale, onMove }: HandleProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = movedByKey(event.key, value, scale);
    if (to === undefined) return;
    event.preventDefault();
    onMove(to);
  };
  return (
    <div
      class="threshold-handle"
      style={{ top: `${100 * (1 - (value - scale.min) / (scale.max - scale.min))}%` }}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={scale.min}
      aria-valuemax={scale.max}
      aria-valuenow={value}
      aria-valuetext={text}
      onKeyDown={onKeyDown}
    >
      {text}
    </div>
  );
}

interface DrawingProps extends Pick<ThresholdChartProps, 'rule' | 'points' | 'windowSeconds' | 'limits'> {
  readonly scale: Scale;
}

function Drawing({ rule, points, windowSeconds, limits, scale }: DrawingProps): JSX.Element {
  const lastSeconds = points.at(-1)?.[0] ?? 0;
  const x = (at: number): number => WIDTH * (1 - (lastSeconds - at) / windowSeconds);
  const y = (value: number): number => HEIGHT * (1 - (value - scale.min) / (scale.max - scale.min));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {[0, 50, 100].map((at) => (
        <path key={at} class="threshold-grid" d={`M0 ${at}H${WIDTH}`} />
      ))}
      <path class="threshold-metric" d={linePath(points, { x, y, gapSeconds: windowSeconds * GAP })} />
      {limits.map((limit, index) => {
        const [top, height] = rule.isAbove ? [0, y(limit)] : [y(limit), HEIGHT - y(limit)];
        const key = rule.limits[index]?.key ?? '';
        return (
          <g key={key} class={`limit limit-${key}`}>
            <rect class="limit-beyond" x="0" y={top} width={WIDTH} height={height} />
            <path class="limit-line" d={`M0 ${y(limit)}H${WIDTH}`} />
          </g>
        );
      })}
    </svg>
  );
}

/** Lets the nearest limit follow the pointer while it is held. */
function useDrag(limits: readonly number[], scale: Scale, onMove: ThresholdChartProps['onMove']) {
  const held = useRef<number | undefined>(undefined);
  const valueAt = (event: TargetedPointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return scale.min + (1 - (event.clientY - box.top) / box.height) * (scale.max - scale.min);
  };
  const follow = (event: TargetedPointerEvent<HTMLElement>): void => {
    if (held.current !== undefined) onMove(limits.with(held.current, snapped(valueAt(event), scale)));
  };
  const release = (): void => void (held.current = undefined);
  return {
    onPointerDown: (event: TargetedPointerEvent<HTMLElement>): void => {
      const distances = limits.map((limit) => Math.abs(limit - valueAt(event)));
      held.current = distances.indexOf(Math.min(...distances));
      event.currentTarget.setPointerCapture(event.pointerId);
      follow(event);
    },
    onPointerMove: follow,
    onPointerUp: release,
    onPointerCancel: release,
  };
}

/** A metric over time under its thresholds. The nearest line follows the pointer while it is held; each has a grip for the keyboard. */
export function ThresholdChart({ rule, unit, points, windowSeconds, limits, onMove }: ThresholdChartProps): JSX.Element {
  const scale = scaleOf([...points.map(([, value]) => value), ...rule.limits.map(({ value }) => value), ...limits]);
  const drag = useDrag(limits, scale, onMove);
  const say = (value: number): string => quantityText(value, unit);
  return (
    <div class="threshold-chart">
      <div class="threshold-axis" aria-hidden="true">
        {[1, 0.5, 0].map((share) => (
          <span key={share}>{say(scale.min + share * (scale.max - scale.min))}</span>
        ))}
      </div>
      <div class="threshold-area" {...drag}>
        <Drawing rule={rule} points={points} windowSeconds={windowSeconds} limits={limits} scale={scale} />
        {rule.limits.map(({ key }, index) => (
          <Handle
            key={key}
            label={`${key === '' ? 'Threshold' : `Threshold, ${key},`} of ${rule.name}`}
            value={limits[index] ?? 0}
            text={`${key} ${say(limits[index] ?? 0)}`.trim()}
            scale={scale}
            onMove={(value) => onMove(limits.with(index, value))}
          />
        ))}
      </div>
    </div>
  );
}
