import type { PoolClient } from 'pg';

/** Rows fetched at a time: enough that round trips cost little, and few enough to stay small in memory. */
const TOGETHER = 2_000;

/** Reads a statement through a cursor of the client's transaction, some thousand rows at a time. */
export async function* readCursor<Row extends object>(
  client: PoolClient,
  text: string,
  values: unknown[],
): AsyncGenerator<Row[]> {
  await client.query(`declare export_rows no scroll cursor without hold for ${text}`, values);
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${TOGETHER} from export_rows`);
    if (rows.length > 0) yield rows;
    if (rows.length < TOGETHER) break;
  }
  await client.query('close export_rows');
}
