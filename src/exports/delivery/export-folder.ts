import { join } from 'node:path';
import type { Config } from '../../config.ts';

/** The folder of exported files. */
export function exportFolder({ exportDir, dataDir }: Pick<Config, 'exportDir' | 'dataDir'>): string {
  return exportDir ?? join(dataDir, 'exports');
}
