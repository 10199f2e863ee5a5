import { rect, svg, text } from './svg.ts';

export interface Bars {
  readonly title: string;
  readonly isLogarithmic: boolean;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly kind: 'ours' | 'rival' | 'best' }[];
}

const WIDTH = 640;
const LEFT = 150;
const ROW = 26;

/** Horizontal bars with their values. */
export function bars({ title, isLogarithmic, bars: all }: Bars): string {
  const most = Math.max(...all.map(({ value }) => value));
  const floor = isLogarithmic ? 10 ** Math.floor(Math.log10(Math.min(...all.map(({ value }) => value)) / 2)) : 0;
  const lengthOf = (value: number): number =>
    (isLogarithmic ? Math.log(value / floor) / Math.log(most / floor) : value / most) * (WIDTH - LEFT - 70);
  const body = all.flatMap(({ name, value, kind }, at) => {
    const y = 36 + at * ROW;
    const shown = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
    return [
      text(LEFT - 8, y + 14, name, 'end'),
      rect(LEFT, y, [lengthOf(value), ROW - 8], kind),
      text(LEFT + lengthOf(value) + 6, y + 14, shown),
    ];
  });
  return svg(WIDTH, 44 + all.length * ROW, title, [text(8, 20, title, 'head'), ...body]);
}
