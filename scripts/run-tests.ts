/**
 * `npm test` runs all checks and all tests, even when an early one fails. Arguments go to vitest, and the checks are left
 * out then: `npm test -- tests/ingestion -t 'counts once'`. The last line has the counts. TESTS_MAY_SKIP names a file of
 * reasons. A test that is skipped for any other reason counts as failed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCLI, startVitest } from 'vitest/node';
import { checks, passes } from './checks.ts';
import { outcomeOf, reasonsIn, requireAllBut, type TestOutcome } from './test-outcome.ts';

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}

function heading(text: string): void {
  console.log(`\n━━ ${text}`);
}

function list(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  heading(title);
  for (const line of lines) console.log(`  ${line}`);
}

async function runChecks(): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    heading(check.name);
    const start = performance.now();
    const passed = await passes(check);
    if (!passed) failed.push(check.name);
    console.log(`${check.name} ${passed ? 'passed' : 'FAILED'} in ${seconds(start)}`);
  }
  return failed;
}

async function runVitest(args: readonly string[]): Promise<TestOutcome> {
  heading('tests');
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest(filter, { ...options, watch: false });
  const outcome = outcomeOf(vitest.state.getTestModules(), vitest.state.getUnhandledErrors().length);
  await vitest.close();
  const maySkip = process.env.TESTS_MAY_SKIP;
  return maySkip ? requireAllBut(outcome, reasonsIn(await readFile(maySkip, 'utf8'))) : outcome;
}

// Tests start hundreds of processes. In node_modules, where nobody else can write, and which `npm ci` empties.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');

const args = process.argv.slice(2);
const failedChecks = args.length === 0 ? await runChecks() : [];
const { passed, failures, skips, flakes, recoveries } = await runVitest(args);
const failed = [...failedChecks, ...failures];
list('Well again after', recoveries);
list('Not run here', skips);
list('Passed only on another try', flakes);
list('Failed', failed);
console.log(`\n${passed} passed, ${failed.length} failed, ${skips.length} skipped`);
// Ends the process explicitly, because a test that left something open would keep it alive.
process.exit(failed.length === 0 ? 0 : 1);
