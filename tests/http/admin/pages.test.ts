/** Lists that come in pages, each with the cursor of the next one. */
import { describe, expect, test } from 'vitest';
import { makeNotice } from '../../support/alerting/notices.ts';
import { fireAlert, ownName, putMessage } from '../../support/alerting/outbox.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const NOTIFICATIONS = '/api/v1/analytics/notifications';

async function tell(orgId: string): Promise<void> {
  const { pool } = service.database;
  const alertId = await fireAlert(pool, makeNotice({ orgId }));
  await pool.query(
    `insert into analytics.in_app_notifications (alert_id, notice, org_id, recipient, severity, payload, created_at)
     values ($1, 'firing', $2, '*', 'critical', $3, now())`,
    [alertId, orgId, JSON.stringify(makeNotice({ orgId }))],
  );
}

async function send(orgId: string): Promise<void> {
  const { pool } = service.database;
  const alertId = await fireAlert(pool, makeNotice({ orgId }));
  const to = { channel: 'webhook', recipient: 'pager' } as const;
  await putMessage(pool, { alertId, ...to, at: new Date(), notice: { orgId } });
}

describe.each([
  { what: 'in-app notices', path: NOTIFICATIONS, name: 'notifications', add: tell },
  { what: 'deliveries of notices', path: `${NOTIFICATIONS}/deliveries`, name: 'deliveries', add: send },
])('$what', ({ path, name, add }) => {
  test('end with the last entry, even if it fills its page', async () => {
    const org = ownName();
    for (let entry = 0; entry < 4; entry++) await add(org);
    const token = await tokenOf(['engineer'], [org]);
    const page = async (query: string): Promise<{ ids: string[]; next: string | null }> => {
      const { json } = await service.call(`${path}?${query}`, { token });
      return { ids: json[name].map(({ id }: { id: string }) => id), next: json.next };
    };
    const all = await page('');
    expect(all).toEqual({ ids: expect.any(Array), next: null });
    expect(all.ids).toHaveLength(4);
    const first = await page('limit=2');
    expect(first).toEqual({ ids: all.ids.slice(0, 2), next: all.ids[1] });
    expect(await page(`limit=2&before=${first.next}`)).toEqual({ ids: all.ids.slice(2), next: null });
    expect(await page('limit=4')).toEqual(all);
    expect(await page('limit=3')).toEqual({ ids: all.ids.slice(0, 3), next: all.ids[2] });
  });
});
