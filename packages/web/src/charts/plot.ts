import uPlot from 'uplot';
import { quantityText } from '../format/number.ts';
import { clockText } from '../format/time.ts';
import { lineStyle } from './palette.ts';
import { RedrawCost } from './redraw-cost.ts';

export interface PlotOptions {
  readonly titles: readonly string[];
  readonly unit: string;
  /** Fixed top of the scale; the data's own when absent. */
  readonly top: number | undefined;
  /** Gets the row under the cursor, `undefined` when it leaves. */
  readonly onCursor: (row: number | undefined) => void;
}

/** Points in drawing order: times in seconds first, then one column a line. */
export type PlotData = readonly [readonly number[], ...(readonly (number | null)[])[]];

/** Charts with this key move their cursors together. */
const SYNC_KEY = 'bellwether';

/** Distances between marks of a byte scale: 1, 2, 5, 10 … 500 of each binary unit. */
const BINARY_STEPS = Array.from({ length: 5 }, (_, power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** power),
).flat();

const sizeOf = (host: HTMLElement): { width: number; height: number } => ({
  width: Math.max(host.clientWidth, 80),
  height: host.clientHeight,
});

function colours(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

function axes(unit: string, colour: (name: string) => string): uPlot.Axis[] {
  // Axis text grows with the page's text on very wide screens.
  const scaling = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 14;
  const common = {
    stroke: colour('--text-muted'),
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
    font: `${Math.round(11 * scaling)}px ${colour('--font')}`,
  };
  const time: uPlot.Axis = {
    ...common,
    size: 24 * scaling,
    gap: 4,
    space: 64 * scaling,
    values: (_, splits, _axis, _space, step) => splits.map((at) => clockText(at * 1000, { seconds: step < 60 })),
  };
  const value: uPlot.Axis = {
    ...common,
    gap: 6,
    space: 30 * scaling,
    size: (unit.startsWith('bytes') ? 64 : 50) * scaling,
    values: (_, splits) => splits.map((split) => quantityText(split, unit).replace('.0 ', ' ')),
    ...(unit.startsWith('bytes') ? { incrs: BINARY_STEPS } : {}),
  };
  return [time, value];
}

function scale(top: number | undefined): uPlot.Scale {
  if (top !== undefined) return { range: (_, _min, max) => [0, niceTop(max ?? top, top)] };
  return { range: (_, _min, max) => [0, max === null || max <= 0 ? 1 : max * 1.15] };
}

/** A percentage that stays small would be a flat line on 0-100: the scale then ends at a quarter or a half. */
function niceTop(max: number, top: number): number {
  return [top / 10, top / 4, top / 2].find((step) => max <= step * 0.9) ?? Math.max(top, max * 1.1);
}

function drawingOptions(host: HTMLElement, options: PlotOptions): uPlot.Options {
  const colour = colours(host);
  const cost = new RedrawCost();
  const lines = options.titles.map((label, index): uPlot.Series => {
    const { colour: name, dash } = lineStyle(index);
    const line = { label, stroke: colour(name), dash: [...dash], width: 1.75, points: { show: false } };
    return index === 0 ? { ...line, fill: `${colour(name)}14` } : line;
  });
  return {
    ...sizeOf(host),
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: SYNC_KEY }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true }, y: scale(options.top) },
    axes: axes(options.unit, colour),
    series: [{}, ...lines],
    hooks: {
      setCursor: [(plot) => options.onCursor(plot.cursor.idx ?? undefined)],
      drawClear: [() => cost.start()],
      draw: [() => cost.end()],
    },
  };
}

/** One canvas with its lines. Thin around uPlot: everything else on the page knows only this face. */
export class Plot implements Disposable {
  readonly #plot: uPlot;
  readonly #size: ResizeObserver;
  readonly #sight: IntersectionObserver;
  /** What is to be drawn once the chart comes into sight; nothing is drawn out of it. */
  #waiting: (() => void) | undefined;
  #isInSight = false;

  constructor(host: HTMLElement, options: PlotOptions, data: PlotData) {
    this.#plot = new uPlot(drawingOptions(host, options), data as uPlot.AlignedData, host);
    this.#size = new ResizeObserver(() => this.#plot.setSize(sizeOf(host)));
    this.#size.observe(host);
    this.#sight = new IntersectionObserver((entries) => {
      this.#isInSight = entries.at(-1)?.isIntersecting === true;
      if (this.#isInSight) this.#drawWaiting();
    });
    this.#sight.observe(host);
  }

  /** Draws new points over the given stretch of time; later, if the chart is out of sight. */
  draw(data: PlotData, [fromSeconds, toSeconds]: readonly [number, number]): void {
    this.#waiting = () =>
      this.#plot.batch(() => {
        this.#plot.setData(data as uPlot.AlignedData, false);
        this.#plot.setScale('x', { min: fromSeconds, max: toSeconds });
      });
    if (this.#isInSight) this.#drawWaiting();
  }

  show(line: number, visible: boolean): void {
    this.#plot.setSeries(line + 1, { show: visible });
  }

  /** Puts the cursor on a row, as the pointer would; `undefined` takes it away. */
  point(row: number | undefined): void {
    if (row === undefined) return this.#plot.setCursor({ left: -10, top: -10 });
    const at = this.#plot.data[0][row];
    if (at !== undefined) this.#plot.setCursor({ left: this.#plot.valToPos(at, 'x'), top: 1 });
  }

  #drawWaiting(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  [Symbol.dispose](): void {
    this.#size.disconnect();
    this.#sight.disconnect();
    this.#plot.destroy();
  }
}
