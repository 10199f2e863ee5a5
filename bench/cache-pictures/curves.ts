import { path, ring, svg, text } from './svg.ts';

export interface CurveRow {
  readonly row: string;
  readonly forecasts: readonly {
    readonly scale: number;
    readonly hitRatio: number;
    readonly gain: number;
    readonly gainInterval: readonly [number, number];
  }[];
  readonly exact: readonly number[];
}

const COLUMNS = 3;
const WIDTH = 230;
const HEIGHT = 170;
const PLOT = { left: 34, top: 26, width: 180, height: 105 };

/** One small picture per trace, at the middle of its sizes: the curve with its interval, and what caches of those sizes really hit. */
export function curves(rows: readonly CurveRow[]): string {
  const byTrace = Map.groupBy(rows, ({ row }) => nameOf(row)[0]);
  const chosen = [...byTrace.values()].map((of) => of[Math.floor(of.length / 2)] as CurveRow);
  const title = 'Hit ratio (%) by size: forecast of the running cache with its 95 % interval (line), and truth (rings)';
  const body = chosen.flatMap((row, at) => panel(row, (at % COLUMNS) * WIDTH, 34 + Math.floor(at / COLUMNS) * HEIGHT));
  return svg(COLUMNS * WIDTH, 40 + Math.ceil(chosen.length / COLUMNS) * HEIGHT, title, [text(8, 20, title, 'head small'), ...body]);
}

function panel({ row, forecasts, exact }: CurveRow, left: number, top: number): string[] {
  const xOf = (at: number): number => left + PLOT.left + (at / (forecasts.length - 1)) * PLOT.width;
  const yOf = (ratio: number): number => top + PLOT.top + (1 - ratio) * PLOT.height;
  const present = forecasts.find(({ scale }) => scale === 1)?.hitRatio ?? 0;
  const edge = (side: 0 | 1): (readonly [number, number])[] =>
    forecasts.map(({ gainInterval }, at) => [xOf(at), yOf(present + gainInterval[side])]);
  const [name, size] = nameOf(row);
  return [
    text(left + PLOT.left, top + 14, `${name}, ${Number(size).toLocaleString('en')} entries`, 'small head'),
    ...[0, 0.5, 1].flatMap((ratio) => [
      path(
        [
          [left + PLOT.left, yOf(ratio)],
          [left + PLOT.left + PLOT.width, yOf(ratio)],
        ],
        'grid',
      ),
      text(left + PLOT.left - 5, yOf(ratio) + 4, String(100 * ratio), 'small end'),
    ]),
    ...forecasts.map(({ scale }, at) => text(xOf(at), top + PLOT.top + PLOT.height + 16, `${scale}×`, 'small middle')),
    path([...edge(0), ...edge(1).toReversed()], 'band', true),
    path(
      forecasts.map(({ hitRatio }, at) => [xOf(at), yOf(hitRatio)] as const),
      'line',
    ),
    ...exact.map((ratio, at) => ring(xOf(at), yOf(ratio))),
  ];
}

/** `curve error: arc_oltp 1869` → trace and entries. */
function nameOf(row: string): readonly [trace: string, entries: string] {
  const [trace = '', entries = ''] = row.replace('curve error: ', '').split(' ');
  return [trace, entries];
}
