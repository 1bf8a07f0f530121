// Makes the app's API types from openapi.json, a copy of what the server serves at /openapi/v1.json.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTypes, { astToString } from 'openapi-typescript';

export const output = fileURLToPath(new URL('../app/src/api/types.ts', import.meta.url));

const heading = '// Made from openapi.json by `npm run generate`; changes here are lost.\n\n';

export async function apiTypes() {
  const document = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'));
  // WHIP and WHEP are the business of the packages.
  document.paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => path.startsWith('/api/')));
  const types = await openapiTypes(document, { immutable: true, rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true });
  return heading + astToString(types);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(output, await apiTypes());
}
