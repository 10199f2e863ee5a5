import { signal, type ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { remember, remembered } from '../state/remembered.ts';
import { AS_MADE, movedTo, withHidden, type Arrangement } from './arrangement.ts';

export type Area = 'tiles' | 'charts';

/** What each part shows while the page is being arranged; its code is fetched only then. */
export interface ArrangeUi {
  readonly Bar: ComponentType<ArrangeBarProps>;
  readonly Toolbar: ComponentType;
}

export interface ArrangeBarProps {
  readonly area: Area;
  readonly part: string;
  readonly title: string;
}

/** What is remembered. `charts` names the custom metrics that got a chart of their own. */
interface Saved {
  readonly areas: Readonly<Record<Area, Arrangement>>;
  readonly ownCharts: readonly string[];
}

const FRESH: Saved = { areas: { tiles: AS_MADE, charts: AS_MADE }, ownCharts: [] };

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');
const isArrangement = (value: Partial<Arrangement> | undefined): boolean => isStrings(value?.order) && isStrings(value?.hidden);

/** What an earlier visit left; as made when there is nothing, or nothing that makes sense. */
function read(text: string | null): Saved {
  try {
    const saved = JSON.parse(text ?? '') as Partial<Saved>;
    return isArrangement(saved.areas?.tiles) && isArrangement(saved.areas?.charts) && isStrings(saved.ownCharts) ? (saved as Saved) : FRESH;
  } catch {
    return FRESH;
  }
}

/** The user's own order and choice of tiles and charts, remembered in this browser. */
export class Layout {
  readonly #saved = signal(read(remembered('layout')));
  readonly #ui = signal<ArrangeUi | undefined>(undefined);
  /** Every part of an area in its natural order, told by who shows them. */
  readonly #parts: Record<Area, readonly string[]> = { tiles: [], charts: [] };

  /** Set while the page is being arranged. */
  get ui(): ReadonlySignal<ArrangeUi | undefined> {
    return this.#ui;
  }

  arrangement(area: Area): Arrangement {
    return this.#saved.value.areas[area];
  }

  get ownCharts(): readonly string[] {
    return this.#saved.value.ownCharts;
  }

  /** Tells which parts an area has, in their natural order. */
  setParts(area: Area, parts: readonly string[]): void {
    this.#parts[area] = parts;
  }

  parts(area: Area): readonly string[] {
    return this.#parts[area];
  }

  async arrange(): Promise<void> {
    this.#ui.value = await import('./arrange-ui.tsx');
  }

  done(): void {
    this.#ui.value = undefined;
  }

  move(area: Area, part: string, target: string): void {
    this.#change(area, movedTo(this.#parts[area], this.arrangement(area), [part, target]));
  }

  hide(area: Area, part: string, isHidden: boolean): void {
    this.#change(area, withHidden(this.arrangement(area), part, isHidden));
  }

  /** Gives a custom metric a chart of its own, or takes it away. */
  toggleChart(metric: string): void {
    const others = this.ownCharts.filter((name) => name !== metric);
    this.#save({ ...this.#saved.value, ownCharts: others.length < this.ownCharts.length ? others : [...others, metric] });
  }

  reset(): void {
    this.#save(FRESH);
  }

  #change(area: Area, arrangement: Arrangement): void {
    this.#save({ ...this.#saved.value, areas: { ...this.#saved.value.areas, [area]: arrangement } });
  }

  #save(saved: Saved): void {
    this.#saved.value = saved;
    remember('layout', saved === FRESH ? null : JSON.stringify(saved));
  }
}
