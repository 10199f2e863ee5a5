import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';

const PACKAGE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../packages/cache');

/** The TypeScript blocks of the README under their headings. A block of which a comment says that it needs a server is left out. */
function examples(): (readonly [string, string])[] {
  let heading = '';
  const found: (readonly [string, string])[] = [];
  for (const [, title, code] of readFileSync(path.join(PACKAGE, 'README.md'), 'utf8').matchAll(/^#+ (.+)$|^```ts\n([\s\S]*?)^```$/gm)) {
    heading = title ?? heading;
    if (code !== undefined && !code.includes('needs a server')) found.push([heading, code]);
  }
  return found;
}

/** `expression; // → value` becomes an assertion. */
function withAssertions(code: string): string {
  const asserted = code.replaceAll(/^(\s*)(?!\/\/)(.+); \/\/ → (.+)$/gm, '$1assert.deepEqual($2, $3);');
  return `import assert from 'node:assert/strict';\n${asserted}`;
}

describe('the README of the cache', () => {
  it('has examples with stated results', () => {
    expect(examples().filter(([, code]) => code.includes('// → ')).length).toBeGreaterThanOrEqual(5);
  });
  it.each(examples())('runs as it stands: %s', async (_heading, code) => {
    const { code: program } = await transform(withAssertions(code), { loader: 'ts', target: 'es2022' });
    const { PATH } = process.env;
    const result = spawnSync(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
      {
        cwd: PACKAGE,
        encoding: 'utf8',
        env: { PATH, TMPDIR: tmpdir() },
        timeout: 20_000,
      },
    );
    expect(result).toMatchObject({ status: 0, stderr: '' });
  });
});
