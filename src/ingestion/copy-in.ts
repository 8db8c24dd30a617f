import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** "PGCOPY\n\377\r\n\0", no flags, no header extension. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const TRAILER = Buffer.from('ffff', 'hex');

/** The rows between the header and the trailer that COPY expects. */
export function binaryCopy(rows: readonly Buffer[]): Buffer[] {
  return [HEADER, ...rows, TRAILER];
}

/** Copies rows in PostgreSQL's binary format. @param target the table with its columns */
export function copyIn(client: PoolClient, target: string, rows: readonly Buffer[]): Promise<void> {
  return pipeline(binaryCopy(rows), client.query(copyFrom(`copy ${target} from stdin (format binary)`)));
}
