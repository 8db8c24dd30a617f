import type { Pool } from 'pg';
import type { Clock } from '../../time.ts';

/** What routes about figures read from. */
export interface FiguresOptions {
  pool: Pool;
  clock: Clock;
}
