import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MINUTE, SECOND, systemClock } from '../time.ts';
import { Rounds } from './rounds.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const logged: string[] = [];
const log = { error: (_: unknown, message?: string) => logged.push(message ?? '') };

function startRounds() {
  logged.length = 0;
  const rounds = new Rounds({ name: 'post', log, standstill: { after: MINUTE, clock: systemClock } });
  onTestFinished(() => rounds.stop());
  return rounds;
}

function pass(milliseconds: number) {
  return vi.advanceTimersByTimeAsync(milliseconds);
}

describe('rounds', () => {
  test('follow each other at once, or after the rest that they return', async () => {
    const rests = [0, 0, 5 * SECOND, 5 * SECOND];
    const round = vi.fn(async () => rests.shift() ?? MINUTE);
    startRounds().begin('letters', round);
    await pass(0);
    expect(round).toHaveBeenCalledTimes(3);
    await pass(4_999);
    expect(round).toHaveBeenCalledTimes(3);
    await pass(1);
    expect(round).toHaveBeenCalledTimes(4);
  });

  test('wake up when called, and skip the rest if called during a round', async () => {
    let end = () => {};
    const round = vi.fn(
      () =>
        new Promise<number>((resolve) => {
          end = () => resolve(30 * SECOND);
        }),
    );
    const rounds = startRounds();
    rounds.begin('letters', round);
    end();
    await pass(0);
    rounds.wake();
    await pass(0);
    expect(round).toHaveBeenCalledTimes(2);
    rounds.wake();
    end();
    await pass(0);
    expect(round).toHaveBeenCalledTimes(3);
    end();
    await pass(29 * SECOND);
    expect(round).toHaveBeenCalledTimes(3);
  });

  test('rest longer after each failure, do not delay other rounds, and report the failures', async () => {
    let isBroken = true;
    const failing = vi.fn(async () => {
      if (isBroken) throw new Error('broken');
      return SECOND;
    });
    const going = vi.fn(async () => SECOND);
    const rounds = startRounds();
    rounds.begin('letters', failing);
    rounds.begin('parcels', going);
    await pass(2_999);
    expect(failing).toHaveBeenCalledTimes(2);
    await expect(rounds.check()).resolves.toBeUndefined();
    // A failing round is not started early.
    rounds.wake();
    await pass(1);
    expect(failing).toHaveBeenCalledTimes(3);
    await expect(rounds.check()).rejects.toThrow('post: letters failed 3 times in a row');
    await pass(MINUTE);
    expect(failing.mock.calls.length).toBeLessThan(11);
    expect(going.mock.calls.length).toBeGreaterThan(60);
    expect(new Set(logged)).toEqual(new Set(['post: a round failed and will be tried again']));
    isBroken = false;
    await pass(10 * SECOND);
    await expect(rounds.check()).resolves.toBeUndefined();
  });

  test('are reported as standing still when one does not end', async () => {
    const rounds = startRounds();
    let end = () => {};
    const hanging = new Promise<number>((resolve) => {
      end = () => resolve(SECOND);
    });
    rounds.begin('letters', () => hanging);
    rounds.begin('parcels', async () => SECOND);
    await pass(MINUTE);
    await expect(rounds.check()).resolves.toBeUndefined();
    await pass(5 * SECOND);
    await expect(rounds.check()).rejects.toThrow('post: letters has stood still for 65 s');
    end();
    await pass(0);
    await pass(SECOND);
    await expect(rounds.check()).resolves.toBeUndefined();
  });

  test('stop once the round under way has ended', async () => {
    let end = () => {};
    const round = vi.fn(
      () =>
        new Promise<number>((resolve) => {
          end = () => resolve(0);
        }),
    );
    const rounds = startRounds();
    rounds.begin('letters', round);
    const stopped = vi.fn();
    const stopping = rounds.stop().then(stopped);
    await pass(SECOND);
    expect(stopped).not.toHaveBeenCalled();
    expect(rounds.stopping.aborted).toBe(true);
    end();
    await stopping;
    expect(round).toHaveBeenCalledTimes(1);
  });
});
