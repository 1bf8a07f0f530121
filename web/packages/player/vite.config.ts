import { defineConfig } from 'vite';

// Self-contained ES modules: the private signalling code is bundled in, and hls.js is one beside it, loaded only where HLS is played.
export default defineConfig({
  build: {
    target: 'es2022',
    sourcemap: true,
    rolldownOptions: { output: { chunkFileNames: 'sluice-player-hls.js' } },
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'sluice-player.js' },
  },
});
