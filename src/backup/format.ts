/**
 * The format of a backup file. After the magic line it is a sequence of frames. A frame is its kind (one byte), the
 * length of its content (four bytes, big-endian), and the content:
 *
 * - `H`: the header, as JSON. It is the first frame.
 * - `D`: a piece of the compressed rows of a table, in the text format of `COPY`. Tables follow in the order of the header.
 * - `E`: the end of a table, as JSON: its name, its rows and the SHA-256 of its uncompressed text.
 * - `Z`: the end, as JSON: the number of tables and rows.
 *
 * The last 32 bytes are the SHA-256 of everything before them.
 */

export const MAGIC = Buffer.from('TIDEMARK BACKUP 1\n', 'latin1');
export const FRAME_HEAD = 5;
export const DIGEST_LENGTH = 32;
/** Bytes of the longest frame that is written. A longer one cannot be ours. */
export const LONGEST_FRAME = 16 * 1_024 * 1_024;

export type FrameKind = 'H' | 'D' | 'E' | 'Z';

/** A table and its columns, in the order of its rows. Generated columns are left out. */
export interface StoredTable {
  name: string;
  columns: string[];
}

export interface StoredSequence {
  name: string;
  /** A decimal number, which may exceed 2^53. */
  lastValue: string;
  isCalled: boolean;
}

/** A privilege on an object of the schema, of a role that does not own it. */
export interface StoredGrant {
  kind: 'schema' | 'table' | 'function';
  /** The name, without its schema; of a function, the signature `name(types)` with its schema. */
  object: string;
  privilege: string;
  role: string;
}

export interface BackupHeader {
  /** ISO-8601. */
  createdAt: string;
  /** Of PostgreSQL, such as `18.4`. */
  serverVersion: string;
  compression: 'zstd' | 'gzip';
  /** Names of the migrations that the database had, in the order of their runs. */
  migrations: string[];
  tables: StoredTable[];
  sequences: StoredSequence[];
  grants: StoredGrant[];
  /** UTC days that have raw events, as `YYYY-MM-DD`. */
  eventDays: string[];
}

export interface TableEnd {
  table: string;
  rows: number;
  /** Hexadecimal, of the uncompressed text. */
  sha256: string;
}

export interface BackupEnd {
  tables: number;
  rows: number;
}
