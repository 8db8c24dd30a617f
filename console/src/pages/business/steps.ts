import type { Compared, Funnel } from './queries.ts';

/** A step of the funnel, with what was lost before it. */
export interface Step {
  stage: Funnel['stages'][number]['stage'];
  count: Compared;
  /** Of the first step. */
  reached: number | null;
  /** How many of the step before did not come here; `null` for the first. */
  lost: number | null;
  lostShare: number | null;
}

/** The steps as the basis of the funnel counts them: by sessions, or by events. */
export function stepsOf({ stages, basis }: Pick<Funnel, 'stages' | 'basis'>): Step[] {
  return stages.map(({ stage, reached, dropOff, ...counts }, index) => {
    const before = stages[index - 1]?.[basis].value ?? null;
    const count = counts[basis];
    return {
      stage,
      count,
      reached: reached.value,
      lost: before === null || count.value === null ? null : before - count.value,
      lostShare: dropOff.value,
    };
  });
}
