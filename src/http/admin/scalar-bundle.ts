import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Beside this file: TypeScript in a checkout, JavaScript in the package. */
const workerFile = new URL(`./scalar-bundle-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Scalar's browser bundle, which comes as a text of 4 MB inside its Fastify plugin. A thread loads it, because that
 * stops the event loop for 0.7 s: one visit to a public page would delay every caller.
 */
export async function readScalarBundle(): Promise<Buffer> {
  const thread = new Worker(workerFile, { execArgv: [] });
  try {
    const [bytes] = (await once(thread, 'message')) as [Uint8Array];
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } finally {
    await thread.terminate();
  }
}
