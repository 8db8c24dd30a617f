import { HOUR, MINUTE, SECOND } from '../../../time.ts';

/** How fast a destination takes notices that has refused some because there were too many. Times are milliseconds. */
export interface Pace {
  /** When the pause ends that its last refusal asked for. */
  opensAt: number;
  /** Before this time nothing is sent to it. */
  nextAt: number;
  /** From one notice to the next; 0: not known yet. */
  spacing: number;
  /** Notices that it took since the end of the pause. */
  accepted: number;
  refusedAt: number;
}

/** A destination that names no delay is left alone for this long. */
const UNNAMED_PAUSE = SECOND;
/** A longer delay is not kept: an alert is worth a failed attempt. */
const LONGEST_PAUSE = HOUR;
/** The random part on top of a pause, so that those who were refused together do not return together. */
const JITTER = 0.1;
const LONGEST_JITTER = 30 * SECOND;
const LONGEST_SPACING = MINUTE;
/** After so many notices without a refusal the destination may take more. */
const FASTER_AFTER = 10;
const FASTER = 0.9;
/** A destination that refuses the first notice after its pause gets fewer. */
const SLOWER = 1.25;
/** Below this spacing, or so long after the last refusal, a destination is like any other. */
const LEAST_SPACING = 20;
const FORGOTTEN_AFTER = 10 * MINUTE;

/**
 * The pace after a refusal. The notices that were taken since the last pause, and the time until the next one may go, tell
 * how many the destination takes.
 * @param before `undefined`: the first refusal
 * @param refused `began`: when the attempt began, `now`: when it was refused, `retryAfter`: the delay that was asked for
 * @param chance a random number in `[0, 1)`
 */
export function paceAfterRefusal(
  before: Pace | undefined,
  refused: { began: number; now: number; retryAfter: number | undefined },
  chance: number,
): Pace {
  const { began, now, retryAfter = UNNAMED_PAUSE } = refused;
  const pause = Math.min(LONGEST_PAUSE, Math.max(retryAfter, 1));
  const jitter = Math.min(LONGEST_JITTER, Math.max(pause * JITTER, 50)) * chance;
  const opensAt = Math.ceil(now + pause + jitter);
  // Attempts that began together are refused together, and say the same.
  if (before && began < before.opensAt && now < before.opensAt)
    return {
      ...before,
      opensAt: Math.max(before.opensAt, opensAt),
      nextAt: Math.max(before.nextAt, opensAt),
    };
  const spacing = before === undefined ? 0 : spacingOf(before, now + pause);
  return { opensAt, nextAt: opensAt, spacing, accepted: 0, refusedAt: now };
}

function spacingOf({ accepted, opensAt, spacing }: Pace, until: number): number {
  const measured = accepted > 0 ? (until - opensAt) / accepted : SLOWER * spacing;
  return Math.round(Math.min(LONGEST_SPACING, Math.max(0, measured)));
}

/** The pace after the destination took a notice; `undefined`: it is like any other again. */
export function paceAfterAcceptance(before: Pace, now: number): Pace | undefined {
  const accepted = before.accepted + 1;
  const spacing = accepted % FASTER_AFTER === 0 ? Math.round(before.spacing * FASTER) : before.spacing;
  if (isForgotten(before, now) || (before.spacing > 0 && spacing < LEAST_SPACING)) return undefined;
  return { ...before, accepted, spacing };
}

function isForgotten({ refusedAt, opensAt }: Pace, now: number): boolean {
  return now - Math.max(refusedAt, opensAt) > FORGOTTEN_AFTER;
}

/**
 * Whether nothing may be sent to the destination now. A pause that ends later than the longest one can is from before the
 * clock was set back.
 */
export function isClosed({ nextAt }: Pace, now: number): boolean {
  return now < nextAt && nextAt - now <= LONGEST_PAUSE + LONGEST_JITTER + LONGEST_SPACING;
}
