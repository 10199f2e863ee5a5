/** Text of an SVG picture that reads in light and dark: colours are classes, chosen by the reader's scheme. */
export function svg(width: number, height: number, title: string, body: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.small{font-size:11px}.head{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}
.ours{fill:#0b6e99}.rival{fill:#9aa4ae}.best{fill:#c9d1d9}.grid{stroke:#d0d7de;stroke-width:1}
.line{fill:none;stroke:#0b6e99;stroke-width:2}.band{fill:#0b6e99;fill-opacity:.18}.truth{fill:none;stroke:#b35900;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4cb3dd}.rival{fill:#6e7781}.best{fill:#444c56}.grid{stroke:#30363d}
.line{stroke:#4cb3dd}.band{fill:#4cb3dd}.truth{stroke:#ffa657}}
</style>
${body.join('\n')}
</svg>
`;
}
export function text(x: number, y: number, words: string, kind = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(words)}</text>`;
}
export function rect(x: number, y: number, size: readonly [width: number, height: number], kind: string): string {
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(size[0])}" height="${fixed(size[1])}" rx="2" class="${kind}"/>`;
}
export function path(points: readonly (readonly [number, number])[], kind: string, isClosed = false): string {
  const steps = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${fixed(x)} ${fixed(y)}`).join('');
  return `<path d="${steps}${isClosed ? 'Z' : ''}" class="${kind}"/>`;
}
export function ring(x: number, y: number): string {
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" class="truth"/>`;
}
const fixed = (value: number): string => String(Math.round(value * 10) / 10);
const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
