/**
 * Writes the dashboards of dashboards/; with `--check` it only says whether they are up to date. With `--share` it writes
 * copies for grafana.com to dashboards/share/, which ask for their data source when somebody imports them.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboards } from './dashboards/dashboards.ts';
import { forSharing } from './dashboards/share.ts';
import { writeGenerated } from './generated-file.ts';

const share = process.argv.includes('--share');
if (share) await mkdir(join(import.meta.dirname, '../dashboards/share'), { recursive: true });

for (const [name, dashboard] of Object.entries(dashboards)) {
  const [path, content] = share
    ? [`dashboards/share/${name}.json`, forSharing(dashboard)]
    : [`dashboards/${name}.json`, dashboard];
  await writeGenerated(path, `${JSON.stringify(content, null, 2)}\n`, 'dashboards');
}
