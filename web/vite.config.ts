import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `npm run dev:web` finds a running node. */
const node = `http://127.0.0.1:${process.env.CONCORD_PORT ?? '8080'}`

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // antd and the charts are large and lazily loaded; web/size-check.ts guards what the first view loads.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: {
        index: fileURLToPath(new URL('index.html', import.meta.url)),
        'embed/search': fileURLToPath(new URL('embed/search.ts', import.meta.url)),
      },
      output: {
        // What pages of other sites name keeps its address.
        entryFileNames: ({ name }) => (name === 'embed/search' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: {
    host: '127.0.0.1',
    // A node takes changes from its own pages only; the proxy speaks for them.
    proxy: { '/api': { target: node, changeOrigin: true, headers: { origin: node } } },
  },
})
