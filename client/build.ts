/** Compiles the package to dist/: modules for `import`, and the same files for `require`, each with its types. */

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
rmSync(join(here, 'dist'), { recursive: true, force: true });
for (const [kind, type] of [
  ['esm', 'module'],
  ['cjs', 'commonjs'],
] as const) {
  // The compiler makes what the nearest package.json asks for, which is one of these two while it runs.
  const project = join(here, `tsconfig.${kind}.json`);
  execFileSync(join(here, '..', 'node_modules', '.bin', 'tsc'), ['-p', project], { stdio: 'inherit' });
  writeFileSync(join(here, 'dist', kind, 'package.json'), `${JSON.stringify({ type })}\n`);
}
