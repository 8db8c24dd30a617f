/** What a webhook is refused for must not tell a caller which names the network of the service has. */
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { privateAddressIn } from '../../src/notifications/channels/public-address.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';

const BASE = '/api/v1/analytics/notifications';
// Where the name of this machine leads to a private address, it stands for a name of our network.
const own = await lookup(hostname()).catch(() => undefined);
const isInside = own !== undefined && privateAddressIn(`http://${own.address}`, []) !== undefined;

describe('a trial of a webhook', skipUnless(isInside, 'needs a host name with a private address'), () => {
  const service = useService({ OUTBOUND_ALLOW: '' });

  test('says the same of a name in our network as of one that does not exist', async () => {
    const token = await tokenOf(['org_admin'], ['curious']);
    const answers: unknown[] = [];
    for (const [name, host] of Object.entries({ inside: hostname(), nowhere: 'nowhere.invalid' })) {
      const body = { name, url: `http://${host}:1/hook` };
      expect((await service.call(`${BASE}/webhooks`, { token, body })).status).toBe(201);
      const trial = { token, body: { to: name } };
      const { status, json } = await service.call(`${BASE}/channels/webhook/test`, trial);
      const { requestId, ...answer } = json;
      expect(requestId).toEqual(expect.any(String));
      answers.push({ status, answer });
    }
    expect(answers[0]).toMatchObject({
      status: 502,
      answer: { detail: 'the host of the URL has no public address; the log of the service has the details' },
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});
