import type { Connection, PoolClient, Submittable } from 'pg';

/** "PGCOPY\n\377\r\n\0", no flags, no header extension. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const TRAILER = Buffer.from('ffff', 'hex');
/** Types of messages to PostgreSQL. */
const [QUERY, COPY_DATA, COPY_DONE] = [0x51, 0x64, 0x63];
const HEAD_BYTES = 5;
/** Messages of fewer bytes are joined, because each piece costs a write to the socket. */
const SMALL_BYTES = 65_536;

/** A statement of a script. */
export interface ScriptStatement {
  sql: string;
  /** The rows of a `copy … from stdin (format binary)`. */
  rows?: readonly Buffer[];
}

/** The rows between the header and the trailer that COPY expects. */
export function binaryCopy(rows: readonly Buffer[]): Buffer[] {
  return [HEADER, ...rows, TRAILER];
}

/** The statement that copies rows in PostgreSQL's binary format. @param target the table with its columns */
export function copyOf(target: string, rows: readonly Buffer[]): ScriptStatement {
  return { sql: `copy ${target} from stdin (format binary)`, rows };
}

/**
 * Runs statements in one round trip. The rows follow the statements at once, and do not wait until PostgreSQL asks for
 * them. After the first error PostgreSQL runs no further statement, and drops the rows of the rest ("Copy Operations" in
 * the description of its protocol).
 */
export function runScript(client: PoolClient, statements: readonly ScriptStatement[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => (error ? reject(error) : resolve());
    const query = client.query as (script: Script, callback: typeof done) => void;
    query.call(client, new Script(messagesOf(statements)), done);
  });
}

/** The messages of a script, as pieces. */
function messagesOf(statements: readonly ScriptStatement[]): Buffer[] {
  const sql = Buffer.from(`${statements.map((statement) => statement.sql).join('; ')}\0`);
  const pieces = [headOf(QUERY, sql.length), sql];
  for (const { rows } of statements) {
    if (rows === undefined) continue;
    const data = binaryCopy(rows);
    const size = data.reduce((sum, { length }) => sum + length, 0);
    pieces.push(headOf(COPY_DATA, size), ...data, headOf(COPY_DONE, 0));
  }
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  return size < SMALL_BYTES ? [Buffer.concat(pieces, size)] : pieces;
}

/** The type of a message and the length of what follows. */
function headOf(type: number, size: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head[0] = type;
  head.writeUInt32BE(size + HEAD_BYTES - 1, 1);
  return head;
}

/** A query of node-postgres. It calls the methods for the answers of PostgreSQL, of which only errors matter here. */
class Script implements Submittable {
  readonly #messages: readonly Buffer[];
  /** Set by node-postgres to the callback that `query` was given. */
  callback: ((error?: Error) => void) | undefined;

  constructor(messages: readonly Buffer[]) {
    this.#messages = messages;
  }

  submit({ stream }: Connection): void {
    stream.cork();
    for (const message of this.#messages) stream.write(message);
    stream.uncork();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleCopyInResponse(): void {}

  handleError(error: Error): void {
    this.callback?.(error);
  }

  handleReadyForQuery(): void {
    this.callback?.();
  }
}
