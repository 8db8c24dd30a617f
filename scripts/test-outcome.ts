import type { TestCase, TestModule, TestSuite } from 'vitest/node';

/** The outcome of the tests, for the report and its last line. */
export interface TestOutcome {
  passed: number;
  /** One line for each failure: a test, or a file or hook that broke before its tests could run. */
  failures: string[];
  /** One line for each test that did not run, with its reason. */
  skips: string[];
  /** One line for each test that failed and passed on a retry. */
  flakes: string[];
  /** One line for each measured recovery after a fault. */
  recoveries: string[];
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return (
    test.meta().skipReason ?? note ?? (test.options.mode === 'todo' ? 'not written yet' : 'no reason given')
  );
}

function nameOf(task: TestCase | TestSuite): string {
  return `${task.module.relativeModuleId} > ${task.fullName}`;
}

/** Whether the test did not run because a file or hook around it failed. */
function isPrevented(test: TestCase): boolean {
  for (let around: TestCase['parent'] = test.parent; ; around = around.parent) {
    if (around.errors().length > 0) return true;
    if (around.type === 'module') return false;
  }
}

/**
 * Counts the results of vitest. A test counts as skipped only if it chose to be. A test that could not run because a
 * file or hook failed, or that never finished, has failed.
 */
export function outcomeOf(modules: readonly TestModule[], unhandledErrors: number): TestOutcome {
  const outcome: TestOutcome = { passed: 0, failures: [], skips: [], flakes: [], recoveries: [] };
  for (const module of modules) {
    if (module.errors().length > 0) outcome.failures.push(`${module.relativeModuleId} (the file)`);
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) outcome.failures.push(`${nameOf(suite)} (the suite)`);
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      outcome.recoveries.push(...(test.meta().recoveries ?? []));
      if (test.diagnostic()?.flaky) outcome.flakes.push(nameOf(test));
      if (state === 'passed') outcome.passed += 1;
      else if (state === 'skipped' && !isPrevented(test))
        outcome.skips.push(`${nameOf(test)}: ${reasonOf(test)}`);
      else outcome.failures.push(nameOf(test));
    }
  }
  if (unhandledErrors > 0) outcome.failures.push(`errors outside of tests: ${unhandledErrors}`);
  if (modules.length === 0) outcome.failures.push('no test ran; check the file name and the set-up');
  return outcome;
}

/** The reasons in a file, one a line; `#` begins a comment. */
export function reasonsIn(text: string): string[] {
  return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
}

/** Turns skipped tests into failures unless their reason begins with an allowed one. */
export function requireAllBut(outcome: TestOutcome, allowed: readonly string[]): TestOutcome {
  const isAllowed = (skip: string) => allowed.some((reason) => skip.includes(`: ${reason}`));
  const missing = outcome.skips.filter((skip) => !isAllowed(skip));
  return {
    ...outcome,
    skips: outcome.skips.filter(isAllowed),
    failures: [...outcome.failures, ...missing.map((skip) => `${skip}; it must run here`)],
  };
}
