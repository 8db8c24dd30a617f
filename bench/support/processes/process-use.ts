/** What a server process of this machine uses, from /proc (Linux only). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK = 10_000;
const LISTENING = '0A';

interface Stat {
  parent: number;
  /** Microseconds of the process, with all of its threads. */
  own: number;
  /** Microseconds of its children that have ended. */
  ended: number;
}

/** `undefined` once the process has ended. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program comes before, in parentheses, and may have spaces. Fields are numbered from 1, as in proc(5).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return { parent: field(4), own: (field(14) + field(15)) * TICK, ended: (field(16) + field(17)) * TICK };
  } catch {
    return undefined;
  }
}

/** Processor time of a process so far in microseconds; 0 for a process that is not here. */
export function processorTimeOf(pid: number): number {
  return statOf(pid)?.own ?? 0;
}

/** The process that started another one; `undefined` if that one is not here. */
export function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent;
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Processor time of a server so far in microseconds, with its children, also those that have ended. */
export function processorTimeOfTree(pid: number): number {
  const stats = new Map(allPids().map((each) => [each, statOf(each)]));
  const isWithin = (each: number): boolean => {
    for (let at = each; at > 1; at = stats.get(at)?.parent ?? 0) if (at === pid) return true;
    return false;
  };
  return [...stats].reduce(
    (sum, [each, stat]) => (stat && isWithin(each) ? sum + stat.own + stat.ended : sum),
    0,
  );
}

/** Megabytes of resident memory: now, or the largest ever. NaN for a process that is not here. */
export function residentMegabytes(pid: number, of: 'now' | 'peak' = 'now'): number {
  const name = of === 'peak' ? 'VmHWM' : 'VmRSS';
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}

/** The process that listens on a port of this machine; `undefined` if there is none, or it belongs to another account. */
export function pidListeningOn(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENING)
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  );
  // Children inherit the socket. The process that opened it has the lowest number.
  return allPids()
    .sort((a, b) => a - b)
    .find((pid) => openFiles(pid).some((target) => sockets.has(target)));
}

function openFiles(pid: number): string[] {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).map((fd) => readlinkSync(`${directory}/${fd}`));
  } catch {
    return [];
  }
}
