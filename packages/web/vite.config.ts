import { defineConfig } from 'vite';

/**
 * Vite wraps each dynamic import in code that preloads style sheets and links. This page has one style sheet and no preloading:
 * 3.4 KB of every visit for nothing.
 */
const plainImports = {
  name: 'plain-imports',
  enforce: 'pre' as const,
  load: (id: string) => (id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : undefined),
};

export default defineConfig({
  // Relative addresses, so that the page also works when the handler is mounted below a prefix such as /monitor/.
  base: './',
  plugins: [plainImports],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../server/dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy is `default-src 'self'`: no data: addresses.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
  },
});
