/** Orders numbers ascending for sign 1, descending for −1; NaN comes last either way. */
export function compareNanLast(a: number, b: number, sign: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return sign * (a - b) || 0;
}
