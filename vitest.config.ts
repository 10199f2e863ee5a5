import { transform } from 'esbuild';
import { defineConfig } from 'vitest/config';

/** Vite's own transformer leaves standard decorators in its output; esbuild lowers them. */
const lowerDecorators = {
  name: 'lower-decorators',
  enforce: 'pre' as const,
  transform: async (code: string, id: string) =>
    /\.tsx?$/.test(id) && !id.includes('node_modules')
      ? await transform(code, { loader: id.endsWith('x') ? 'tsx' : 'ts', target: 'es2022', sourcemap: true, sourcefile: id })
      : undefined,
};

export default defineConfig({
  plugins: [lowerDecorators],
  oxc: false,
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'examples/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'bench/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=source'],
  },
});
