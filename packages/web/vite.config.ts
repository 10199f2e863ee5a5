import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses, so that the page also works when the handler is mounted below a prefix such as /monitor/.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../server/dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy is `default-src 'self'`: no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
