import { expect, test } from 'vitest';
import { HOUR, SECOND } from '../../../time.ts';
import { isClosed, type Pace, paceAfterAcceptance, paceAfterRefusal } from './pace.ts';

const at = Date.parse('2026-11-20T10:00:00Z');
function refused(now: number, seconds?: number) {
  return { began: now, now, retryAfter: seconds === undefined ? undefined : seconds * SECOND };
}

test('a refusal closes a destination for the time it asks for, and a random part more', () => {
  expect(paceAfterRefusal(undefined, refused(at, 30), 0).nextAt).toBe(at + 30 * SECOND);
  expect(paceAfterRefusal(undefined, refused(at, 30), 0.5).nextAt).toBe(at + 31.5 * SECOND);
  expect(paceAfterRefusal(undefined, refused(at), 0).nextAt).toBe(at + SECOND);
  expect(paceAfterRefusal(undefined, refused(at, 1e9), 0).nextAt).toBe(at + HOUR);
});

test('attempts that were refused together close it once', () => {
  const first = paceAfterRefusal(undefined, refused(at, 1), 0);
  const second = paceAfterRefusal(first, { ...refused(at + 10, 1), began: at }, 0);
  expect(second).toMatchObject({ spacing: 0, accepted: 0, nextAt: at + 1_010 });
});

test('the spacing is measured: a destination that took ten within six seconds gets one each second', () => {
  const opened: Pace = { ...paceAfterRefusal(undefined, refused(at, 1), 0), accepted: 10 };
  expect(paceAfterRefusal(opened, refused(opened.opensAt + 6 * SECOND, 4), 0).spacing).toBe(SECOND);
});

test('a destination that takes all it gets slowly gets more, and is then like any other', () => {
  let pace: Pace | undefined = { ...paceAfterRefusal(undefined, refused(at, 1), 0), spacing: 100 };
  let taken = 0;
  for (; pace && taken < 1_000; taken++) pace = paceAfterAcceptance(pace, at + taken * 100);
  expect(pace).toBeUndefined();
  expect(taken).toBeGreaterThan(100);
});

test('a pause from before the clock was set back is over', () => {
  const pace = paceAfterRefusal(undefined, refused(at, 60), 0);
  expect(isClosed(pace, at + 59 * SECOND)).toBe(true);
  expect(isClosed(pace, at + 60 * SECOND)).toBe(false);
  expect(isClosed(pace, at - 3 * HOUR)).toBe(false);
});
