/**
 * Sustains a load through RabbitMQ: first 3,000 messages a second with one event each, then a burst of five times that.
 * After 15 minutes of burst, the first rate continues until the backlog is drained. Nothing may be lost, and memory must not grow.
 * `--burst 1m` shortens the burst; `--steady`, `--rate`, `--factor`, `--queue quorum` and `--every` change the rest. The
 * broker is `BENCH_RABBITMQ_URL`, or that on 127.0.0.1. The database is `BENCH_DATABASE_URL`, or embedded.
 *
 * Results: a line at intervals. `ack lag` is the waiting time of the oldest message that is not committed and
 * acknowledged. `freshness` is the lag of the largest org's numbers behind the stored events, by the API. `backlog`
 * counts messages that are published and not stored. Publisher, broker, PostgreSQL and service share the machine's
 * cores, so the most telling figure is the share of the burst that was stored during it. `RSS` is that of the service
 * alone. Its growth is the slope of a line through the burst, without its first quarter.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { duration, oneOf, wholeNumber } from '../src/setting.ts';
import { MINUTE, SECOND } from '../src/time.ts';
import { endProgress, progress } from './support/progress.ts';
import { slopeOf } from './support/slope.ts';
import { type Outcome, type Sample, sustainLoad } from './support/sustained-load.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    factor: { type: 'string', default: '5' },
    steady: { type: 'string', default: '1m' },
    burst: { type: 'string', default: '15m' },
    every: { type: 'string', default: '15s' },
    queue: { type: 'string', default: 'stream' },
  },
});
const time = duration('1s', '1d');
const steady = time(values.steady);
const burst = time(values.burst);
const every = time(values.every);
const rate = wholeNumber(1, 1_000_000)(values.rate);
const factor = wholeNumber(1, 1_000)(values.factor);
const plan = {
  rabbitmqUrl: process.env.BENCH_RABBITMQ_URL ?? 'amqp://127.0.0.1:5672',
  queueType: oneOf('stream', 'quorum')(values.queue),
  rate,
  factor,
  steady,
  burst,
  env: {},
};

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

const WIDTHS = [7, 7, 13, 10, 11, 10, 11, 8];

function printLine(cells: readonly string[]): void {
  endProgress();
  console.log(cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0)).join('  '));
}

let printed: Sample | undefined;

function onSample(sample: Sample): void {
  const { phase, at, published, received } = sample;
  const isNew = printed?.phase !== phase;
  const past = at - (printed?.at ?? 0);
  if (isNew || past * SECOND >= every) {
    const perSecond = (now: number, before: number) => (past > 0 ? whole((now - before) / past) : '');
    printLine([
      phase,
      `${whole(at)} s`,
      perSecond(published, printed?.published ?? 0),
      perSecond(received, printed?.received ?? 0),
      whole(Math.max(0, published - received)),
      `${sample.ackLag.toFixed(2)} s`,
      `${sample.freshnessLag.toFixed(2)} s`,
      `${whole(sample.rss)} MB`,
    ]);
    printed = sample;
  }
  // The length of the drain is unknown, so the bar shows only the planned part.
  if (process.stderr.isTTY) progress(`${phase}  ${barOf((at * SECOND) / (steady + burst))}`);
}

function barOf(share: number): string {
  const done = Math.round(40 * Math.min(1, share));
  return `${'█'.repeat(done)}${'░'.repeat(40 - done)}  ${Math.floor(100 * Math.min(1, share))} %`;
}

function summarise(outcome: Outcome): void {
  const inBurst = outcome.samples.filter(({ phase }) => phase === 'burst');
  const [first, last] = [inBurst[0], inBurst.at(-1)];
  if (!first || !last) return;
  const seconds = last.at - first.at;
  const [published, stored] = [last.published - first.published, last.received - first.received];
  const warm = inBurst.slice(Math.floor(inBurst.length / 4));
  const growth = slopeOf(warm.map(({ at, rss }) => [at / (MINUTE / SECOND), rss]));
  const most = (of: (sample: Sample) => number) => Math.max(...outcome.samples.map(of));
  const line = (what: string, value: string) => console.log(`${what.padEnd(34)} ${value}`);
  console.log('');
  line(
    'published in the burst',
    `${whole(published / seconds)}/s, ${(published / seconds / rate / factor).toFixed(2)} of the planned rate`,
  );
  line('stored meanwhile', `${whole(stored / seconds)}/s, ${(stored / published).toFixed(2)} of it`);
  line('backlog at its end', whole(last.published - last.received));
  line(
    'drained after',
    `${whole(outcome.drained)} s, ${((outcome.drained * SECOND) / burst).toFixed(2)} of the burst`,
  );
  line('rolled up after the last message', `${outcome.rolledUp.toFixed(1)} s`);
  line('highest ack lag', `${most(({ ackLag }) => ackLag).toFixed(1)} s`);
  line('highest freshness lag', `${most(({ freshnessLag }) => freshnessLag).toFixed(1)} s`);
  line('CPU of the service', `${whole(outcome.cpuPerEvent)} µs an event`);
  line('highest RSS', `${whole(most(({ rss }) => rss))} MB`);
  line('RSS in the burst', `${growth >= 0 ? '+' : ''}${growth.toFixed(2)} MB/min`);
  line('published', whole(outcome.published));
  line(
    'received',
    `${whole(outcome.received)}: ${whole(outcome.stored)} stored, ${outcome.duplicates} duplicates, ${outcome.conflicts} conflicts, ${outcome.rejected} rejected`,
  );
  line('lost', whole(outcome.published - outcome.received + outcome.stored - outcome.events));
  line('drift', outcome.drifts.length === 0 ? 'none' : `${outcome.drifts.length} hours`);
}

const [load = 0] = loadavg();
console.log(`Load of the machine before: ${load.toFixed(1)} on ${availableParallelism()} cores.\n`);
printLine(['phase', 'at', 'published/s', 'stored/s', 'backlog', 'ack lag', 'freshness', 'RSS']);
const outcome = await sustainLoad(plan, onSample);
endProgress();
summarise(outcome);
if (
  outcome.published !== outcome.received ||
  outcome.stored !== outcome.events ||
  outcome.drifts.length > 0
) {
  process.exitCode = 1;
}
