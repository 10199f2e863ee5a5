/**
 * How lines are told apart: colour and dash together, so that neither colour vision nor a colour display is needed. Hues after Okabe and Ito
 * (safe for the common kinds of colour blindness), each tuned per theme to a contrast of at least 3:1 against the card.
 */
export interface LineStyle {
  /** Custom property that holds the colour of the current theme. */
  readonly colour: string;
  /** Canvas dash pattern in CSS pixels; empty is solid. */
  readonly dash: readonly number[];
}

const STYLES: readonly LineStyle[] = [
  { colour: '--line-1', dash: [] },
  { colour: '--line-2', dash: [7, 4] },
  { colour: '--line-3', dash: [2, 3] },
  { colour: '--line-4', dash: [10, 3, 2, 3] },
];

/** The style of the line at `index` in its chart; they repeat after four. */
export function lineStyle(index: number): LineStyle {
  return STYLES[index % STYLES.length] as LineStyle;
}
