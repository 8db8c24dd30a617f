import { Agent } from 'node:http';
import type { Pool } from 'pg';
import { SECOND } from '../../src/time.ts';
import { callOk } from './call.ts';
import { median } from './quantile.ts';
import type { Service } from './service.ts';

const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 500);
const MAX_DURATION = 10 * SECOND;

/**
 * Sends a request repeatedly, on several connections at once. The first few requests are a warm-up.
 * @param path returns the path of a request by its number
 * @param check throws when an answer is wrong
 * @returns milliseconds, ascending
 */
export async function measureRepeatedly(
  service: Service,
  path: (request: number) => string,
  connections: number,
  check: (answer: object) => void = () => {},
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let request = 0;
  const sendNext = async () => {
    const began = performance.now();
    const answer = await callOk<object>(service, agent, path(request++));
    times.push(performance.now() - began);
    check(answer);
  };
  for (let i = 0; i < 5; i++) await sendNext();
  times.length = 0;
  const until = performance.now() + MAX_DURATION;
  let left = REQUESTS;
  const work = async () => {
    while (left-- > 0 && performance.now() < until) await sendNext();
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return times.sort((a, b) => a - b);
}

/** Milliseconds of plain SQL; the median of three runs. */
export async function measureRaw(pool: Pool, sql: string, values: readonly unknown[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    await pool.query(sql, [...values]);
    times.push(performance.now() - began);
  }
  return median(times);
}
