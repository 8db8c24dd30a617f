import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../time.ts';
import { DeliveryError } from '../channels/channel.ts';
import { retryDelay } from './retry-delay.ts';

function failure(retryAfterSeconds?: number) {
  return new DeliveryError('', {
    retryable: true,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

test('each attempt waits twice as long, up to five minutes, less a random part of up to half', () => {
  expect([1, 2, 3, 4].map((attempts) => retryDelay(attempts, failure(), 0))).toEqual([
    1_000, 2_000, 4_000, 8_000,
  ]);
  expect(retryDelay(4, failure(), 0.5)).toBe(6_000);
  expect(retryDelay(60, failure(), 0)).toBe(5 * MINUTE);
});

test('a provider is not called before its Retry-After, unless that is absurdly long, and not by everybody at once', () => {
  expect(retryDelay(1, failure(30), 0)).toBe(30 * SECOND);
  expect(retryDelay(1, failure(30), 0.5)).toBe(31.5 * SECOND);
  expect(retryDelay(8, failure(30), 0)).toBe(128 * SECOND);
  expect(retryDelay(1, failure(1e9), 0)).toBe(HOUR);
});
