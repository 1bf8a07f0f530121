import { defineConfig } from 'vite';

// One self-contained ES module: the private signalling code is bundled in, nothing is left to import.
export default defineConfig({
  build: {
    target: 'es2022',
    sourcemap: true,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'sluice-player.js' },
  },
});
