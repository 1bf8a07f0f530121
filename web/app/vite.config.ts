import { defineConfig } from 'vite';

const server = process.env['SLUICE_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  build: {
    target: 'es2022',
    sourcemap: true,
    // The server's content security policy allows no data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server, '/whip': server, '/whep': server } },
});
