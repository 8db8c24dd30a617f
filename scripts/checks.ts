import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Scripts of package.json that must succeed before any test counts for much. */
const staticChecks = [
  'lint',
  'types',
  'architecture',
  'dead-code',
  'dialect',
  'sentences',
  'client-package',
  'console-size',
];

/** Scripts of package.json that write a generated file, or with `--check` compare it. */
const generators = [
  'schema',
  'openapi',
  'client-events',
  'console-types',
  'settings',
  'event-docs',
  'metrics-docs',
  'dashboards',
  'prometheus-rules',
  'screenshots',
];

/** A script of package.json with its arguments, under a readable name. */
export interface Check {
  name: string;
  npmScript: readonly string[];
}

/** All checks of `npm test` that do not run the service, in order. */
export const checks: readonly Check[] = [
  ...staticChecks.map((script) => ({ name: script.replace('-', ' '), npmScript: [script] })),
  ...generators.map((script) => ({ name: `generated: ${script}`, npmScript: [script, '--', '--check'] })),
];

/** Runs the check in our terminal. Resolves to whether it succeeded. */
export async function passes(check: Check): Promise<boolean> {
  const child = spawn('npm', ['run', '--silent', ...check.npmScript], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}
