/** Builds `squilla/agent/browser` into one small file, `dist/browser/squilla-browser.js`. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root: string = fileURLToPath(new URL('.', import.meta.url));

// oxlint-disable-next-line import/no-default-export -- Vite reads the default export.
export default defineConfig({
  root,
  build: {
    outDir: fileURLToPath(new URL('../../dist/browser', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    lib: {
      entry: fileURLToPath(new URL('./index.ts', import.meta.url)),
      formats: ['es'],
      fileName: () => 'squilla-browser.js',
    },
  },
});
