/**
 * A thread that sends single events over many connections, one request after another on each. It writes and reads
 * bytes itself, so that it takes little of the processors that the service is measured on.
 */
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { SECOND } from '../../../src/time.ts';
import { usageEvents } from '../seed-events.ts';

export interface SingleSenderTask {
  host: string;
  port: number;
  path: string;
  token: string;
  connections: number;
  /** Milliseconds. */
  duration: number;
  /** Requests a second, whether or not earlier ones are answered; without it, each connection sends as fast as it can. */
  rate?: number;
  seed: number;
}

export interface SingleSenderResult {
  /** Milliseconds to each answer: from its sending, or with a rate from the time at which it was due. */
  times: number[];
  /** The answers that were not 200. */
  refused: number;
}

const task = workerData as SingleSenderTask;
const next = usageEvents(task.seed, () => Date.now());
const times: number[] = [];
let refused = 0;
const until = performance.now() + task.duration;

function requestBytes(): Buffer {
  const body = JSON.stringify(next());
  return Buffer.from(
    `POST ${task.path} HTTP/1.1\r\nhost: ${task.host}:${task.port}\r\nauthorization: Bearer ${task.token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** The length of the first complete answer in the bytes; 0 if it is not complete. */
function answerLength(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  const length = /\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1];
  const end = headEnd + 4 + Number(length ?? 0);
  return bytes.length >= end ? end : 0;
}

/** A connection that is free. It is told when its next request was due, or nothing when there are no more. */
type Free = (due: number | undefined) => void;

/** Gives each connection its next request at once. */
function atOnce(free: Free): void {
  const now = performance.now();
  free(now < until ? now : undefined);
}

/** Gives requests to free connections at fixed times. A request that finds none is late, and goes to the next free one. */
function atRate(rate: number): (free: Free) => void {
  const began = performance.now();
  const free: Free[] = [];
  const late: number[] = [];
  let count = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; ; count++) {
      const due = began + (count * SECOND) / rate;
      if (due > Math.min(now, until)) break;
      const connection = free.shift();
      if (connection) connection(due);
      else late.push(due);
    }
    if (now < until) return;
    clearInterval(timer);
    for (const connection of free.splice(0)) connection(undefined);
  }, 1);
  return (connection) => {
    const due = late.shift();
    if (due !== undefined || performance.now() >= until) connection(due);
    else free.push(connection);
  };
}

const nextRequest = task.rate === undefined ? atOnce : atRate(task.rate);

function work(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: task.host, port: task.port, noDelay: true });
    let began = 0;
    let held: Buffer = Buffer.alloc(0);
    const send: Free = (due) => {
      if (due === undefined) {
        socket.end();
        return;
      }
      began = due;
      socket.write(requestBytes());
    };
    socket.once('connect', () => nextRequest(send));
    socket.on('data', (piece) => {
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const end = answerLength(held);
      if (end === 0) return;
      times.push(performance.now() - began);
      if (!held.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200'))) refused++;
      held = held.subarray(end);
      nextRequest(send);
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}

await Promise.all(Array.from({ length: task.connections }, work));
parentPort?.postMessage({ times, refused } satisfies SingleSenderResult);
