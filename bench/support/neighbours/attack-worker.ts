/** Runs one attack in a thread of its own, so that its work delays no measurement. */
import { parentPort, workerData } from 'node:worker_threads';
import { alertAttacks } from './alert-attacks.ts';
import { attacks, type Target } from './attacks.ts';

const { name, target } = workerData as { name: string; target: Target };
const ending = new AbortController();
parentPort?.once('message', () => ending.abort());
await [...attacks, ...alertAttacks].find((attack) => attack.name === name)?.run(target, ending.signal);
parentPort?.postMessage('ended');
parentPort?.close();
