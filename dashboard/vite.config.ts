/**
 * Builds the dashboard into `dist/dashboard`: hashed files with relative addresses, so the engine
 * can serve them under any path, and no inline script or style, so a strict CSP holds.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root: string = fileURLToPath(new URL('.', import.meta.url));

// oxlint-disable-next-line import/no-default-export -- Vite reads the default export.
export default defineConfig({
  root,
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The editor with the grammar is one lazy chunk; test/browser holds the first load's budget.
    chunkSizeWarningLimit: 700,
  },
});
