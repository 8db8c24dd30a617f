import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test did not run here; the summary of `npm test` shows it. */
    skipReason?: string;
  }
}

/**
 * Options for `describe` or `test` that skip it, and its `beforeAll`, unless the condition holds:
 * `describe('…', skipUnless(url, 'needs Redis'), () => { … })`.
 */
export function skipUnless(condition: unknown, reason: string): TestOptions {
  return condition ? {} : { skip: true, meta: { skipReason: reason } };
}
