import { defineConfig } from 'oxlint';

/** The folders of the monitor in import order: each may import only itself and those before it. */
const MONITOR_LAYERS = [
  'base',
  'model',
  'instruments',
  'adopt',
  'observe',
  'collect',
  'store',
  'query',
  'analyse',
  'rules',
  'alerts',
  'deliver',
  'diagnose',
  'advise',
];
/** Files beside the layers that compose them; no layer may import one. */
const COMPOSITION = [
  'engine/*',
  'thread/*',
  'push/*',
  'rule-tests/*',
  'engine-index',
  'engine-worker',
  'performance-monitor',
  'index',
  'opentelemetry',
  'prom-client',
  'shared-monitor',
  'config',
  'config-file',
  'testing',
];

const TESTS = ['**/*.test.ts', '**/*.test.tsx', '**/*.contract.ts', '**/testing/**', 'tests/**', 'bench/**'];

const forbidden = (patterns: string[], why: string) => ({
  'no-restricted-imports': ['error', { patterns: [{ group: patterns, message: why }] }],
});

const layerRules = MONITOR_LAYERS.map((layer, position) => ({
  files: [`packages/monitor/src/${layer}/**/*.ts`],
  rules: forbidden(
    [
      ...MONITOR_LAYERS.slice(position + 1).flatMap((later) => [`../${later}/**`, `../../${later}/**`]),
      ...COMPOSITION.flatMap((file) => [`../${file}.ts`, `../../${file}.ts`]),
      '@bellwether/*',
    ],
    `${layer}/ may import only layers before it: see docs/architecture.md`,
  ),
}));

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  ignorePatterns: ['**/dist/**', '.artifacts/**', '**/node_modules/**'],
  options: { typeAware: true },
  rules: {
    'import/no-cycle': 'error',
    'max-lines': ['error', { max: 400 }],
    'no-console': 'error',
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'promise/always-return': 'off',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unnecessary-type-arguments': 'off',
    'typescript/restrict-template-expressions': 'off',
    'typescript/no-explicit-any': 'error',
    // Flags `process.emitWarning` and the like, which are made to be replaced.
    'typescript/unbound-method': 'off',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
    'vitest/no-conditional-expect': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'unicorn/require-post-message-target-origin': 'off',
    'no-restricted-globals': [
      'error',
      ...['setTimeout', 'setInterval', 'performance'].map((name) => ({ name, message: 'Time is an argument: take a Clock.' })),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'Time is an argument: take a Clock.' },
      { object: 'Math', property: 'random', message: 'Chance is an argument: take a Clock.' },
    ],
  },
  overrides: [
    ...layerRules,
    { files: ['packages/cache/src/**/*.ts'], rules: forbidden(['@bellwether/*'], 'The cache knows nothing of ours.') },
    { files: ['packages/monitor/src/*.ts'], rules: forbidden(['@bellwether/*'], 'The monitor knows neither the cache nor the server.') },
    {
      files: ['packages/server/src/**/*.ts'],
      rules: forbidden(['@bellwether/web', '@bellwether/monitor/src/**'], 'The server uses the published face of the monitor.'),
    },
    {
      files: ['packages/web/src/**/*.{ts,tsx}'],
      rules: {
        ...forbidden(
          ['@bellwether/cache', '@bellwether/monitor', '@bellwether/server'],
          'The web page talks REST and SSE; it imports only @bellwether/server/api types.',
        ),
        'no-restricted-globals': 'off',
        'no-restricted-properties': 'off',
      },
    },
    { files: ['**/system-clock.ts'], rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' } },
    {
      files: [...TESTS, 'scripts/**'],
      rules: {
        'no-restricted-imports': 'off',
        'no-restricted-globals': 'off',
        'no-restricted-properties': 'off',
        'no-console': 'off',
        'max-lines': 'off',
      },
    },
    // Programs as their users write them.
    {
      files: ['tests/frameworks/apps/**'],
      rules: { 'no-new': 'off', 'import/no-named-as-default': 'off', 'typescript/no-extraneous-class': 'off' },
    },
    // Answers of a foreign process are judged by their shape, which is what these tests are about.
    { files: ['tests/contract/**'], rules: { 'typescript/no-explicit-any': 'off' } },
    { files: ['packages/server/src/cli/**', 'examples/**', '*.config.ts'], rules: { 'no-console': 'off' } },
  ],
});
