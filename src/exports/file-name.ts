import type { ExportFormat, ExportRequest } from './request.ts';

/** Characters of an org in the name of a file. Different orgs may become equal: the job id tells them apart. */
const LONGEST_ORG = 60;

/** The name of a file, such as `usage_acme_20261101T000000Z_20261201T000000Z_daily.csv`. */
export function fileName(
  { dataset, orgId, range, granularity }: ExportRequest,
  format: ExportFormat,
): string {
  const org = orgId
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, LONGEST_ORG);
  return `${dataset}_${org}_${instant(range.start)}_${instant(range.end)}_${granularity}.${format}`;
}

/** A full instant, without characters that a file system may refuse. */
function instant(millis: number): string {
  return new Date(millis)
    .toISOString()
    .replace(/\.000Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
}
