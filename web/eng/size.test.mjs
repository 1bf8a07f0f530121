import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';

/** What a module loads only when it is wanted. */
const later = { player: ['sluice-player-hls.js'] };
const limits = JSON.parse(await readFile(new URL('./size-limits.json', import.meta.url), 'utf8'));

describe.each(Object.entries(limits))('the %s package', (name, limit) => {
  it(`is one module without imports of its own accord, of at most ${limit} bytes gzipped`, async () => {
    const root = fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
    const [{ output }] = await build({ root, mode: 'production', logLevel: 'silent', build: { write: false, sourcemap: false } });
    const wanted = later[name] ?? [];
    expect(output.map((part) => [part.fileName, part.imports, part.dynamicImports])).toEqual([[`sluice-${name}.js`, [], wanted], ...wanted.map((each) => [each, [], []])]);
    const size = gzipSync(output[0].code, { level: 9 }).length;
    expect(size, `${name} is ${size} bytes gzipped; what the bytes buy belongs in the commit that raises eng/size-limits.json`).toBeLessThanOrEqual(limit);
  });
});
