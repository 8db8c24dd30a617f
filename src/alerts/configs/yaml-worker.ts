/** The thread that parses a large YAML text. It answers with the entries in pieces, each of them a short piece of work. */
import { serialize } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { YamlAnswer, YamlTask } from './parse-yaml.ts';
import { entriesOfYaml } from './yaml-entries.ts';

const { text, mostEntries, entriesOfPiece } = workerData as YamlTask;
const read = entriesOfYaml(text, mostEntries);
let answer: YamlAnswer;
if ('refusal' in read) answer = read;
else {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < read.entries.length; at += entriesOfPiece) {
    pieces.push(serialize(read.entries.slice(at, at + entriesOfPiece)));
  }
  answer = { pieces, silences: serialize(read.silences), hasAlerts: read.hasAlerts };
}
parentPort?.postMessage(answer);
