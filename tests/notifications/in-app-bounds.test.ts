import { expect, test } from 'vitest';
import { enqueueInApp } from '../../src/notifications/outbox/enqueue.ts';
import { countUnread, listInApp, markRead } from '../../src/notifications/outbox/in-app.ts';
import { InAppBounds } from '../../src/notifications/outbox/in-app-bounds.ts';
import { makeNotice } from '../support/alerting/notices.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();

async function tell(orgId: string | null, recipients: string[], times = 1): Promise<void> {
  for (let told = 0; told < times; told++)
    await enqueueInApp(database.pool, {
      notice: makeNotice(),
      alertId: null,
      transitionId: null,
      orgId,
      recipients,
      at: new Date(),
    });
}

async function keptBy(userId: string, orgs: string[] | 'all'): Promise<string[]> {
  const listed = await listInApp(database.pool, { userId, orgs }, { limit: 100, unread: false });
  return listed.map(({ id }) => id);
}

test('the newest notices of a recipient and of an org are kept, and the others of a neighbour', async () => {
  const bounds = new InAppBounds(database.pool, { ofRecipient: 3, ofOrg: 5 });
  await tell('flooding', ['bob'], 1);
  await tell('quiet', ['bob', 'eve'], 2);
  await tell('flooding', ['bob'], 5);
  await tell('flooding', ['eve'], 3);
  await tell(null, ['*'], 4);
  const newestOfBob = (await keptBy('bob', ['flooding'])).slice(0, 2);
  expect(await bounds.apply()).toBe(3 + 1 + 1);
  // Three of each recipient would be six of the org, so the oldest of these is removed too.
  expect(await keptBy('bob', ['flooding'])).toEqual(newestOfBob);
  expect(await keptBy('eve', ['flooding'])).toHaveLength(3);
  expect(await keptBy('bob', ['quiet'])).toHaveLength(2);
  expect(await keptBy('eve', ['quiet'])).toHaveLength(2);
  expect(await keptBy('root', 'all')).toHaveLength(3);

  // Without new notices there is nothing to do.
  expect(await bounds.apply()).toBe(0);
  await tell('flooding', ['eve']);
  expect(await bounds.apply()).toBe(1);
  const reader = { userId: 'eve', orgs: ['flooding'] };
  expect(await countUnread(database.pool, reader)).toBe(3);
  expect(await markRead(database.pool, reader, 'all', new Date())).toBe(3);
  expect(await countUnread(database.pool, reader)).toBe(0);
});
