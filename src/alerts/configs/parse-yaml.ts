import { once } from 'node:events';
import { extname } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Turns } from '../../shares/turns.ts';
import { SECOND } from '../../time.ts';
import { entriesOfYaml, type YamlEntries } from './yaml-entries.ts';

/** What the thread receives. */
export interface YamlTask {
  text: string;
  mostEntries: number;
  entriesOfPiece: number;
}

/** What the thread answers. */
export type YamlAnswer =
  | { pieces: Uint8Array[]; silences: Uint8Array; hasAlerts: boolean }
  | { refusal: string };

/** Up to this length a text is parsed at once: that takes milliseconds, and a thread takes longer to start. */
const SHORT_TEXT = 50_000;
const ENTRIES_OF_PIECE = 200;
/** Ten thousand rules take a second on an idle machine. */
const TIME_LIMIT = 10 * SECOND;
const MEMORY_LIMIT_MB = 512;

/** One large text is parsed at a time, because each takes memory and a core. */
const turns = new Turns({
  places: 1,
  placesOfOne: 1,
  waitingOfOne: 4,
  patience: 15 * SECOND,
  refusal: 'Too many large files are being imported at the moment. Try again.',
});

/**
 * Reads the lists of a YAML text. A large text is parsed in a thread of its own, within limits of time and memory,
 * so that requests go on meanwhile.
 * @param owner the caller, for its turn
 */
export async function parseYaml(text: string, mostEntries: number, owner: string): Promise<YamlEntries> {
  if (text.length <= SHORT_TEXT) return entriesOfYaml(text, mostEntries);
  const end = await turns.take(owner);
  try {
    const answer = await parseInThread({ text, mostEntries, entriesOfPiece: ENTRIES_OF_PIECE });
    if ('refusal' in answer) return answer;
    const entries: unknown[] = [];
    for (const piece of answer.pieces) {
      entries.push(...(deserialize(piece) as unknown[]));
      await yieldToOthers();
    }
    const silences = deserialize(answer.silences) as unknown[];
    return { entries, silences, hasAlerts: answer.hasAlerts };
  } finally {
    end();
  }
}

/** Beside this file: TypeScript in a checkout, JavaScript in the package. */
const workerFile = new URL(`./yaml-worker${extname(import.meta.url)}`, import.meta.url);

async function parseInThread(task: YamlTask): Promise<YamlAnswer> {
  const thread = new Worker(workerFile, {
    workerData: task,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
  });
  try {
    const [answer] = await once(thread, 'message', { signal: AbortSignal.timeout(TIME_LIMIT) });
    return answer as YamlAnswer;
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (name === 'AbortError')
      return {
        refusal: `The file took longer than ${TIME_LIMIT / SECOND} s to read; import its rules in parts.`,
      };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY')
      return { refusal: 'The file takes too much memory to read; import its rules in parts.' };
    throw error;
  } finally {
    await thread.terminate();
  }
}
