/**
 * Copies what the compiler leaves behind (schemas, templates, C sources) from the published folders into dist, so that
 * a module finds the files beside it in a checkout and in the package alike.
 */
import { cpSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

for (const folder of ['src', 'model', 'properties']) {
  for (const name of readdirSync(`${root}${folder}`, { recursive: true })) {
    const path = `${folder}/${name}`;
    if (path.endsWith('.ts') || !statSync(root + path).isFile()) continue;
    cpSync(root + path, `${root}dist/${path}`);
  }
}
