import type { Pool, PoolClient } from 'pg';

/** The part of a stream that a batch stores. */
export interface StreamStep {
  stream: string;
  /** The offset up to which the stream was stored before; -1 at its beginning. */
  after: number;
  /** The offset of the last message of the part. */
  offset: number;
}

/** A reader of a stream. */
export interface StreamReader {
  stream: string;
  /** Unique among all processes. */
  reader: string;
}

/** The stored offset is not where the step begins: another reader, or this one earlier, has advanced the stream. */
export class StreamMovedError extends Error {
  constructor({ stream, after }: StreamStep) {
    super(`the stored offset of the stream ${stream} is no longer ${after}`);
    this.name = 'StreamMovedError';
  }
}

/**
 * Advances the stored offset of a stream, in the transaction that stores its events.
 * @throws {StreamMovedError} when the stored offset is not where the step begins
 */
export async function advanceStream(client: PoolClient, step: StreamStep): Promise<void> {
  const { rowCount } = await client.query(
    `update analytics.streams set stored_offset = $3 where stream = $1 and stored_offset = $2`,
    [step.stream, step.after, step.offset],
  );
  if (rowCount !== 1) throw new StreamMovedError(step);
}

/**
 * Claims the stream for the reader for so many milliseconds, or prolongs its claim. Returns the stored offset, or
 * `undefined` while another reader has the claim. The claim only saves work; correctness does not depend on it. A
 * reader that lost its claim unnoticed cannot advance the stream.
 */
export async function claimStream(
  pool: Pool,
  { stream, reader }: StreamReader,
  milliseconds: number,
): Promise<number | undefined> {
  const { rows } = await pool.query<{ stored_offset: number }>(
    `insert into analytics.streams as s (stream, stored_offset, reader, reader_until)
     values ($1, -1, $2, clock_timestamp() + $3 * interval '1 millisecond')
     on conflict (stream) do update set reader = excluded.reader, reader_until = excluded.reader_until
     where s.reader = excluded.reader or s.reader_until < clock_timestamp()
       -- A claim from before the clock of the server was set back.
       or s.reader_until > clock_timestamp() + 2 * $3 * interval '1 millisecond'
     returning stored_offset`,
    [stream, reader, milliseconds],
  );
  return rows[0]?.stored_offset;
}

/** Gives up the claim, so that another reader can have the stream at once. */
export async function releaseStream(pool: Pool, { stream, reader }: StreamReader): Promise<void> {
  await pool.query(
    `update analytics.streams set reader_until = clock_timestamp() where stream = $1 and reader = $2`,
    [stream, reader],
  );
}

/** Sets the stored offset of a stream that was created again back to its beginning, unless it has advanced since. */
export async function restartStream(
  pool: Pool,
  { stream, after }: { stream: string; after: number },
): Promise<void> {
  await pool.query(
    `update analytics.streams set stored_offset = -1 where stream = $1 and stored_offset = $2`,
    [stream, after],
  );
}

/** The offset up to which a stream is stored; -1 when nothing is. */
export async function storedOffset(pool: Pool, stream: string): Promise<number> {
  const { rows } = await pool.query<{ stored_offset: number }>(
    'select stored_offset from analytics.streams where stream = $1',
    [stream],
  );
  return rows[0]?.stored_offset ?? -1;
}
