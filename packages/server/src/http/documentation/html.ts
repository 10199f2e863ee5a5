/** HTML that is already safe to send. */
export interface Html {
  readonly html: string;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

type Part = string | number | Html | readonly Html[] | undefined;

function render(part: Part): string {
  if (part === undefined) return '';
  if (Array.isArray(part)) return part.map((one: Html) => one.html).join('');
  return typeof part === 'object' ? (part as Html).html : escape(String(part));
}

/** A template whose values are escaped unless they are HTML themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, index) => text + render(parts[index])).join('') };
}

/** Text that is HTML already, such as a style sheet of ours. Never for anything from outside. */
export function trusted(text: string): Html {
  return { html: text };
}
