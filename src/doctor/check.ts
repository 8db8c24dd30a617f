import { SECOND, sleep } from '../time.ts';

export type Verdict = 'ok' | 'warn' | 'bad';

/** What a check found. */
export interface Finding {
  verdict: Verdict;
  /** What is the case, in a sentence. */
  found: string;
  /** What to do about it; absent where all is well. */
  advice?: string;
}

/** One look at one thing. */
export interface Check {
  /** What is looked at, such as `PostgreSQL: clock`. */
  name: string;
  /** What to do when the look fails. */
  advice: string;
  /** Looks. An error becomes a finding with the verdict `bad`. */
  look(): Promise<Finding | Finding[]>;
}

export interface Checked extends Finding {
  name: string;
}

/** Time for one check. */
const PATIENCE = 10 * SECOND;

export function ok(found: string): Finding {
  return { verdict: 'ok', found };
}

export function warn(found: string, advice: string): Finding {
  return { verdict: 'warn', found, advice };
}

export function bad(found: string, advice: string): Finding {
  return { verdict: 'bad', found, advice };
}

/** Runs checks side by side, each for ten seconds at most. Secrets in what they found are hidden. */
export async function runChecks(
  checks: readonly Check[],
  hide: (text: string) => string,
): Promise<Checked[]> {
  const all = await Promise.all(checks.map(run));
  return all.flat().map((checked) => ({
    ...checked,
    found: hide(checked.found),
    ...(checked.advice !== undefined && { advice: hide(checked.advice) }),
  }));
}

async function run({ name, advice, look }: Check): Promise<Checked[]> {
  const done = new AbortController();
  const late = sleep(PATIENCE, done.signal).then(() =>
    bad(`no answer within ${PATIENCE / SECOND} seconds`, advice),
  );
  try {
    const found = await Promise.race([look(), late]);
    return [found].flat().map((finding) => ({ name, ...finding }));
  } catch (error) {
    return [{ name, ...bad(messageOf(error), advice) }];
  } finally {
    done.abort();
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}` || error.name;
}
