import type { Pool, PoolClient } from 'pg';

/** The piece of a stream that a batch stores. */
export interface StreamStep {
  stream: string;
  /** Offset that the stream was stored up to before; -1 at its beginning. */
  after: number;
  /** Offset of the last message of the piece. */
  offset: number;
}

/** Who reads a stream. */
export interface StreamReader {
  stream: string;
  /** Names one reader among all processes. */
  reader: string;
}

/** The stream does not stand where the step begins: another reader, or this one earlier, has stored on. */
export class StreamMovedError extends Error {
  constructor({ stream, after }: StreamStep) {
    super(`the stream ${stream} no longer stands at offset ${after}`);
    this.name = 'StreamMovedError';
  }
}

/**
 * Moves a stream on, within the transaction that stores what it held.
 * @throws {StreamMovedError} when the stream does not stand where the step begins
 */
export async function advanceStream(client: PoolClient, step: StreamStep): Promise<void> {
  const { rowCount } = await client.query(
    `update analytics.streams set stored_offset = $3 where stream = $1 and stored_offset = $2`,
    [step.stream, step.after, step.offset],
  );
  if (rowCount !== 1) throw new StreamMovedError(step);
}

/**
 * Makes the reader the one that reads the stream for so many milliseconds, or prolongs that. The offset up to
 * which the stream is stored, or `undefined` while another one reads. It spares work and is not what correctness
 * rests on: a reader that has lost its claim unnoticed cannot advance the stream.
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
       -- From before the server's clock was set back.
       or s.reader_until > clock_timestamp() + 2 * $3 * interval '1 millisecond'
     returning stored_offset`,
    [stream, reader, milliseconds],
  );
  return rows[0]?.stored_offset;
}

/** Lets another reader have the stream at once. */
export async function releaseStream(pool: Pool, { stream, reader }: StreamReader): Promise<void> {
  await pool.query(
    `update analytics.streams set reader_until = clock_timestamp() where stream = $1 and reader = $2`,
    [stream, reader],
  );
}

/** Sets a stream that was made anew back to its beginning, unless it has been moved since. */
export async function restartStream(
  pool: Pool,
  { stream, after }: Omit<StreamStep, 'offset'>,
): Promise<void> {
  await pool.query(
    `update analytics.streams set stored_offset = -1 where stream = $1 and stored_offset = $2`,
    [stream, after],
  );
}

/** The offset up to which a stream is stored; -1 when nothing of it is. */
export async function storedOffset(pool: Pool, stream: string): Promise<number> {
  const { rows } = await pool.query<{ stored_offset: number }>(
    'select stored_offset from analytics.streams where stream = $1',
    [stream],
  );
  return rows[0]?.stored_offset ?? -1;
}
