import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { apiTypes, output } from './api-types.mjs';

it('the API types are those of openapi.json', async () => {
  expect(await readFile(output, 'utf8'), 'app/src/api/types.ts is out of date: npm run generate').toBe(await apiTypes());
});
