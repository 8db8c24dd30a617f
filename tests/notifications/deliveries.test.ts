import { expect, test } from 'vitest';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, ownName, putMessage } from '../support/alerting/outbox.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();
const DELIVERIES = '/api/v1/analytics/notifications/deliveries';

async function call(path: string, orgs: string[], method = 'GET') {
  return service.call(`${DELIVERIES}${path}`, { method, token: await tokenOf(['org_admin'], orgs) });
}

test('deliveries are listed for people of the org, and dead ones can be sent again', async () => {
  const { pool } = service.database;
  const org = ownName();
  const alertId = await fireAlert(pool, makeNotice({ orgId: org }));
  const put = () =>
    putMessage(pool, {
      alertId,
      channel: 'webhook',
      recipient: 'pager',
      at: new Date(),
      notice: { orgId: org },
    });
  const [dead, waiting] = [await put(), await put()];
  await pool.query(
    `update analytics.notification_outbox set status = 'dead', failure = 'gone' where id = $1`,
    [dead],
  );
  const listed = async (query = '', orgs = [org]) =>
    (await call(query, orgs)).json.deliveries.map(
      ({ id, status }: { id: string; status: string }) => `${id} ${status}`,
    );
  expect(await listed()).toEqual([`${waiting} waiting`, `${dead} dead`]);
  expect(await listed('?status=dead')).toEqual([`${dead} dead`]);
  expect(await listed(`?alertId=${alertId}&channel=webhook&limit=1`)).toEqual([`${waiting} waiting`]);
  expect(await listed('', [ownName()])).toEqual([]);

  const replay = (id: string, orgs = [org]) => call(`/${id}/replay`, orgs, 'POST');
  expect((await replay(dead, [ownName()])).status).toBe(404);
  expect((await replay(waiting)).status).toBe(404);
  expect((await replay(dead)).status).toBe(202);
  expect(await listed()).toEqual([`${waiting} waiting`, `${dead} waiting`]);
  expect((await call('?status=lost', [org])).json.errors[0].path).toBe('status');
});
