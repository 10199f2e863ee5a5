/**
 * Reads just enough of a SELECT to name an index: the first table after FROM and the columns compared in WHERE, equality first, then
 * ranges, then the first columns of ORDER BY, which is the order an index wants them in. No parser: what it does not
 * recognise it leaves out, and joins, subqueries and expressions give `undefined` rather than a wrong proposal.
 */
export function columnsSearched(query: string): { readonly table: string; readonly columns: readonly string[] } | undefined {
  const text = query.replaceAll(/\s+/g, ' ').trim();
  if (/\bjoin\b|\(\s*select\b|\bunion\b|\bor\b/i.test(text)) return undefined;
  const table = /\bfrom ["`]?([\w.]+)["`]?/i.exec(text)?.[1];
  if (table === undefined) return undefined;
  const where = /\bwhere (.+?)(?= group by | order by | limit |$)/i.exec(text)?.[1] ?? '';
  const ordered = /\border by (.+?)(?= limit |$)/i.exec(text)?.[1] ?? '';
  const columns = [
    ...namesBefore(where, /^(=|in\b|is\b)/i),
    ...ordered.split(',').flatMap((part) => /^\s*["`]?(?:\w+\.)?(\w+)["`]?(\s+(asc|desc))?\s*$/i.exec(part)?.[1] ?? []),
    ...namesBefore(where, /^(<|>|between\b|like\b)/i),
  ];
  return columns.length === 0 ? undefined : { table, columns: [...new Set(columns)].slice(0, 4) };
}

/** Columns of an AND-ed condition whose comparison `operator` matches. */
function namesBefore(where: string, operator: RegExp): string[] {
  return where.split(/ and /i).flatMap((condition) => {
    const match = /^[\s(]*["`]?(?:\w+\.)?(\w+)["`]?\s*(.+)$/.exec(condition);
    return match?.[1] !== undefined && operator.test(match[2] ?? '') ? [match[1]] : [];
  });
}
