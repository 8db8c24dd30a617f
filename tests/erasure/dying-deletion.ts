/** A process that deletes an org of `DATABASE_URL`, and kills itself before the step whose name begins with its second argument. */

import { createPool } from '../../src/database/pool.ts';
import { deleteOrg } from '../../src/erasure/delete-org.ts';
import { systemClock } from '../../src/time.ts';

const [orgId = '', step = ''] = process.argv.slice(2);
const pool = createPool({
  ...{ connectionString: process.env.DATABASE_URL ?? '', max: 4, applicationName: 'dying deletion' },
  ...{ statementTimeoutMs: 60_000, onError: () => {} },
});
await deleteOrg(orgId, {
  ...{ pool, clock: systemClock },
  caller: {
    actor: { id: 'operator', roles: ['admin'], orgs: [], via: 'command_line' },
    ...{ route: 'test', requestId: 'test' },
  },
  onStep: (what) => {
    if (what.startsWith(step)) process.kill(process.pid, 'SIGKILL');
  },
});
await pool.end();
