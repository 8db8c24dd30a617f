/** The pages Silences and Notifications, in a real browser on a real service. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { hasChromium, useConsole } from './browser.ts';

const alerts = '/api/v1/analytics/alerts';
const notifications = '/api/v1/analytics/notifications';
const patience = { timeout: 10_000, interval: 200 };

describe('being told, in the console', skipUnless(hasChromium, 'needs Chromium'), () => {
  const service = useService({
    ...{ ROLES: 'api,ingest,worker', PUBLIC_RATE_LIMIT_PER_MINUTE: '0', OUTBOUND_ALLOW: '127.0.0.1' },
  });
  const browser = useConsole(service);
  const phone = { viewport: { width: 360, height: 740 } };
  let admin = '';
  let me = '';

  beforeAll(async () => {
    admin = await tokenOf(['admin']);
    me = (await service.call('/analytics/v1/me', { token: admin })).json.id;
  });

  test('a link fills in the form of a silence, which is added and ended', async () => {
    const rule = {
      orgId: 'acme',
      name: 'Errors',
      metric: 'usage.errors',
      type: 'threshold_above',
      threshold: 1,
    };
    const body = { ...rule, groupBy: ['modelId'], channels: [{ channel: 'in_app' }] };
    expect((await service.call(`${alerts}/configs`, { token: admin, body })).status).toBe(201);
    const filled = 'new=silence&rules=Errors&labels=modelId=gpt-4o,label.team=search';
    const page = await browser.openAs(admin, `/silences?org=acme&tz=UTC&${filled}`, phone);
    await page.getByLabel('Reason').fill('Incident at the provider');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    const silences = async () => (await service.call(`${alerts}/silences?orgId=acme`, { token: admin })).json;
    await vi.waitFor(async () => {
      const { silences: found } = await silences();
      expect(found).toMatchObject([
        {
          ...{ reason: 'Incident at the provider', rules: ['Errors'], state: 'active' },
          labels: { modelId: 'gpt-4o', 'label.team': 'search' },
        },
      ]);
    }, patience);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByLabel('Reason').fill('The provider is back');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The provider is back').waitFor();
    expect((await silences()).silences).toMatchObject([
      { reason: 'The provider is back', rules: ['Errors'] },
    ]);
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('Nothing is silenced').waitFor();
    expect((await silences()).silences).toMatchObject([{ state: 'expired' }]);
  });

  test('a line that is no value of a label is named before anything is sent', async () => {
    const page = await browser.openAs(admin, '/silences?org=acme&new=silence');
    await page.getByLabel('Only with these values').fill('gpt-4o');
    await page.getByRole('alert').filter({ hasText: '"gpt-4o" has no "="' }).waitFor();
    expect(await page.getByRole('button', { name: 'Silence', exact: true }).isDisabled()).toBe(true);
  });

  test('a preference is kept with its quiet hours', async () => {
    const page = await browser.openAs(admin, '/notifications?org=acme&tab=preferences&tz=UTC');
    await page.getByRole('button', { name: 'Set mine' }).click();
    await page.getByLabel('Email address').fill('ada@example.com');
    await page.getByLabel('Quiet hours').check();
    await page.getByLabel('From', { exact: true }).fill('23:00');
    await page.getByLabel('Time zone').fill('Asia/Tokyo');
    await page.getByRole('button', { name: 'Save' }).click();
    // The form shows the same picture, so the page has it for certain once the form has gone.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('img', { name: 'Quiet hours: 23:00 to 07:00, Asia/Tokyo, UTC+9' }).waitFor();
    const path = `${notifications}/preferences/users/${encodeURIComponent(me)}?orgId=acme`;
    expect((await service.call(path, { token: admin })).json).toMatchObject({
      ...{ email: 'ada@example.com', quietHours: { from: '23:00', to: '07:00', timezone: 'Asia/Tokyo' } },
      channels: { critical: ['email'], warning: ['email'], info: [] },
    });
  });

  test('a test of the inbox arrives there, and is marked as read', async () => {
    const page = await browser.openAs(admin, '/notifications?org=acme&tab=channels', phone);
    const inbox = page.getByRole('listitem').filter({ hasText: 'Inbox' });
    await inbox.getByRole('button', { name: 'Try' }).click();
    await inbox.getByText('The provider took it').waitFor();
    await page.getByRole('button', { name: 'Inbox', exact: true }).click();
    await page
      .getByRole('region', { name: 'Unread (1)' })
      .getByRole('button', { name: 'Mark as read' })
      .click();
    await page.getByRole('region', { name: 'Read', exact: true }).getByText('Test notice').waitFor();
    expect((await service.call(notifications, { token: admin })).json.unread).toBe(0);
  });

  test('a channel that is not set up says why', async () => {
    const page = await browser.openAs(admin, '/notifications?org=acme&tab=channels');
    const email = page.getByRole('listitem').filter({ hasText: 'Email' });
    await email.getByRole('textbox').fill('ada@example.com');
    await email.getByRole('button', { name: 'Try' }).click();
    await email.getByRole('alert').filter({ hasText: 'email is not set up' }).waitFor();
  });

  test('the secret of a webhook is shown once', async () => {
    const page = await browser.openAs(admin, '/notifications?org=acme&tab=webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Name').fill('ops');
    await page.getByLabel('Address').fill('http://127.0.0.1:9/hook');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText(/whsec_/).waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    expect(await page.getByText(/whsec_/).count()).toBe(0);
    await page.getByRole('rowheader', { name: 'ops' }).waitFor();
  });
});
