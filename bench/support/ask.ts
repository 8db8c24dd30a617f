import { Agent } from 'node:http';
import type { Pool } from 'pg';
import { SECOND } from '../../src/time.ts';
import { callOk } from './call.ts';
import { median } from './quantile.ts';
import type { Service } from './service.ts';

const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 500);
const LONGEST_ROUND = 10 * SECOND;

/**
 * Asks over and over, on so many connections at once, after a few requests that do not count.
 * @param path of the request of a number
 * @param check throws when an answer is not what it should be
 * @returns milliseconds, ascending
 */
export async function askRepeatedly(
  service: Service,
  path: (request: number) => string,
  connections: number,
  check: (answer: object) => void = () => {},
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let request = 0;
  const ask = async () => {
    const began = performance.now();
    const answer = await callOk<object>(service, agent, path(request++));
    times.push(performance.now() - began);
    check(answer);
  };
  for (let i = 0; i < 5; i++) await ask();
  times.length = 0;
  const until = performance.now() + LONGEST_ROUND;
  let left = REQUESTS;
  const work = async () => {
    while (left-- > 0 && performance.now() < until) await ask();
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return times.sort((a, b) => a - b);
}

/** Milliseconds that plain SQL takes; the median of three. */
export async function askRaw(pool: Pool, sql: string, values: readonly unknown[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    await pool.query(sql, [...values]);
    times.push(performance.now() - began);
  }
  return median(times);
}
