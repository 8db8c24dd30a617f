import type { TestCase, TestModule, TestSuite } from 'vitest/node';

/** What became of the tests, for people and for the last line. */
export interface TestOutcome {
  passed: number;
  /** One line for each failure: a test, or a file or hook that broke before its tests could run. */
  failures: string[];
  /** One line for each test that did not run, with its reason. */
  skips: string[];
  /** One line for each test that failed and passed on another try. */
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

/** Whether the test did not run because a file or hook around it broke. */
function isCasualty(test: TestCase): boolean {
  for (let around: TestCase['parent'] = test.parent; ; around = around.parent) {
    if (around.errors().length > 0) return true;
    if (around.type === 'module') return false;
  }
}

/**
 * Counts what vitest found. Skipped is only what chose to be: a test that could not run because a file or
 * a hook broke, or that never finished, has failed.
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
      else if (state === 'skipped' && !isCasualty(test))
        outcome.skips.push(`${nameOf(test)}: ${reasonOf(test)}`);
      else outcome.failures.push(nameOf(test));
    }
  }
  if (unhandledErrors > 0) outcome.failures.push(`errors outside of any test: ${unhandledErrors}`);
  if (modules.length === 0) outcome.failures.push('no test ran: no file was found, or the set-up failed');
  return outcome;
}

/** The reasons listed in a file: a line each, `#` begins a remark. */
export function reasonsIn(text: string): string[] {
  return text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || []);
}

/** The same outcome, in which a test has failed that was skipped for a reason that begins like none of those allowed. */
export function requireAllBut(outcome: TestOutcome, allowed: readonly string[]): TestOutcome {
  const isAllowed = (skip: string) => allowed.some((reason) => skip.includes(`: ${reason}`));
  const missing = outcome.skips.filter((skip) => !isAllowed(skip));
  return {
    ...outcome,
    skips: outcome.skips.filter(isAllowed),
    failures: [...outcome.failures, ...missing.map((skip) => `${skip}; here it has to run`)],
  };
}
