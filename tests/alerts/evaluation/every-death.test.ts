/**
 * Kills the whole service with kill -9 between every two steps of an alert, from the event to the recorded
 * delivery.
 */
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { type HeldStep, holdStep, type Step } from '../../support/alerting/held-step.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { answering, type HttpReceiver, hanging, startReceiver } from '../../support/servers/http-receiver.ts';
import { startSmtpServer } from '../../support/servers/smtp-server.ts';
import { tokenOf } from '../../support/service/service.ts';
import { type ServiceProcess, startServiceProcess } from '../../support/service/service-process.ts';

const patience = { timeout: 2 * MINUTE, interval: 50 };
const API = '/api/v1/analytics';
const people = ['ada', 'bob'] as const;

/** The setting of a kill: an org of its own with one rule. */
interface Scene {
  org: string;
  configId: string;
}

interface Death {
  /** The steps that are done and those that are not. */
  name: string;
  /** Where the process is killed. `request`: while the receiver of Ada's webhook delays its answer. */
  at: Omit<Step, 'rows'> | 'request';
  /** The rows to wait for; those of the org by default. */
  rows?: (scene: Scene) => string;
  /** Whether the pending transaction is committed after the kill. */
  committed?: boolean;
  /**
   * How often Ada's webhook is told, and whether the message is marked as possibly repeated. Default: once,
   * unmarked.
   */
  told?: number;
  marked?: boolean;
}

function ofOrg({ org }: Scene): string {
  return `new.org_id = '${org}'`;
}

const folded = {
  at: { table: 'analytics.ingestion_batches', writes: 'update', at: 'commit' },
  rows: ({ org }: Scene) => `new.rolled_up_at is not null and '${org}' = any(new.org_ids)`,
} as const;

function inserted(table: string, at: Step['at']) {
  return { at: { table, writes: 'insert', at } as const };
}

/** A message to Ada by webhook, or to the default recipient, gets another status. */
function turned(status: string) {
  return {
    at: { table: 'analytics.notification_outbox', writes: 'update', at: 'commit' } as const,
    rows: (scene: Scene) =>
      `${ofOrg(scene)} and new.channel = 'webhook' and new.status = '${status}' and new.recipient in ('default', 'ada')`,
  };
}

const deaths: Death[] = [
  { name: 'the event is acknowledged but not rolled up', ...folded },
  { name: 'the event is rolled up but the rule not evaluated', ...folded, committed: true },
  { name: 'the rule is claimed and nothing is written', ...inserted('analytics.alert_history', 'write') },
  {
    name: 'the history is written but no notice',
    ...inserted('analytics.notification_outbox', 'write'),
  },
  {
    name: 'external notices are written but not in-app ones',
    ...inserted('analytics.in_app_notifications', 'write'),
  },
  {
    name: 'the notices are written but not the state of the rule',
    ...inserted('analytics.alert_states', 'write'),
    rows: ({ configId }) => `new.config_id = '${configId}' and new.condition = 'firing'`,
  },
  { name: 'all is written but not committed', ...inserted('analytics.alert_history', 'commit') },
  {
    name: 'the evaluation is committed but recipients are not looked up',
    ...inserted('analytics.alert_history', 'commit'),
    committed: true,
  },
  { name: 'recipients are looked up but not committed', ...turned('expanded') },
  { name: 'recipients are committed but no message is claimed', ...turned('expanded'), committed: true },
  { name: 'a claim of a message is not committed', ...turned('leased') },
  { name: 'a message is claimed but not sent', ...turned('leased'), committed: true, marked: true },
  { name: 'a message is sent but not answered', at: 'request', told: 2, marked: true },
  { name: 'the answer is not recorded', ...turned('sent'), told: 2, marked: true },
  { name: 'the delivery is recorded', ...turned('sent'), committed: true },
  {
    name: 'the transition is stored as an event but not marked',
    at: { table: 'analytics.alert_transitions', writes: 'update', at: 'commit' },
    rows: ({ configId }) => `new.config_id = '${configId}'`,
  },
];

const database = useDatabase();
const newDirectory = useDirectories();
const mails: { to: string; id: string }[] = [];
const closing: (() => Promise<unknown>)[] = [];
let hooks: HttpReceiver;
let start: () => Promise<ServiceProcess>;
let service: ServiceProcess;
let token: string;

beforeAll(async () => {
  hooks = await startReceiver();
  const smtp = await startSmtpServer({
    onData: async (stream, { envelope }, done) => {
      const mail = await text(stream).catch(() => undefined);
      // A sender that was killed in the middle of a mail has not sent it.
      if (mail === undefined) return;
      const id = /^message-id: (.*)$/im.exec(mail)?.[1] ?? '';
      for (const { address } of envelope.rcptTo) mails.push({ to: address, id });
      done();
    },
  });
  const dataDir = await newDirectory();
  start = () =>
    startServiceProcess(dataDir, {
      DATABASE_URL: database.url,
      SMTP_URL: smtp.url,
      ALERT_EMAIL_FROM: 'alerts@tidemark.example',
      OUTBOUND_ALLOW: '127.0.0.1',
      BUILT_IN_ALERTS: 'off',
      LOG_LEVEL: 'warn',
    });
  token = await tokenOf(['admin']);
  service = await start();
  closing.push(() => service.stop(), hooks.close, smtp.close);
});
afterAll(async () => {
  for (const close of closing) await close();
});

async function send<Answer>(path: string, body: object, method = 'POST'): Promise<Answer> {
  const response = await fetch(service.origin + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok, `${method} ${path}`).toBe(true);
  return response.json() as Promise<Answer>;
}

async function query<Row extends object>(sql: string, org: string): Promise<Row[]> {
  return (await database.pool.query<Row>(sql, [org])).rows;
}

/** Creates two people with webhook and email, and a rule that fires on the first event. */
async function prepare(org: string): Promise<Scene> {
  for (const name of people) {
    await send(`${API}/notifications/webhooks?orgId=${org}`, { name, url: `${hooks.url}/${org}/${name}` });
    const channels = { info: [], warning: [], critical: ['webhook', 'email'] };
    const preference = { webhook: name, email: `${name}@${org}.example`, channels };
    await send(`${API}/notifications/preferences/users/${name}-${org}?orgId=${org}`, preference, 'PUT');
  }
  const { id } = await send<{ id: string }>(`${API}/alerts/configs`, {
    orgId: org,
    name: 'Any call at all',
    metric: 'usage.count',
    type: 'threshold_above',
    threshold: 0,
    windowSeconds: 3_600,
    // Only data or a start makes the rule due.
    intervalSeconds: 86_400,
    onData: true,
    severity: 'critical',
    channels: [{ channel: 'webhook' }, { channel: 'email' }, { channel: 'in_app' }],
  });
  return { org, configId: id };
}

/** Stops the service once it reaches the place where it is to be killed. */
async function hold({ at, rows = ofOrg }: Death, scene: Scene): Promise<HeldStep> {
  if (at !== 'request') return holdStep(database, { ...at, rows: rows(scene) });
  const path = `/${scene.org}/ada`;
  hooks.react((response, request) => (request.path === path ? hanging : answering(200))(response, request));
  const release = async () => hooks.react(answering(200));
  return {
    reached: () =>
      expect.poll(() => hooks.received.some((request) => request.path === path), patience).toBe(true),
    undo: release,
    letThrough: release,
  };
}

interface Sent {
  channel: 'webhook' | 'email';
  recipient: string;
  ambiguous: boolean;
}
const SENT = `
  select channel, recipient, ambiguous from analytics.notification_outbox
  where org_id = $1 and status = 'sent' order by channel, recipient`;

/** The ids of the messages that somebody received. */
function receivedBy(org: string, { channel, recipient }: Sent): string[] {
  return channel === 'email'
    ? mails.filter(({ to }) => to === recipient).map(({ id }) => id)
    : hooks.received
        .filter(({ path }) => path === `/${org}/${recipient}`)
        .map(({ headers }) => String(headers['webhook-id']));
}

async function expectAllTold({ told = 1, marked = false }: Death, { org }: Scene): Promise<void> {
  const sent = await query<Sent>(SENT, org);
  expect(sent.map(({ channel, recipient }) => [channel, recipient])).toEqual([
    ...people.map((name) => ['email', `${name}@${org}.example`]),
    ...people.map((name) => ['webhook', name]),
  ]);
  for (const one of sent) {
    const ids = receivedBy(org, one);
    expect(ids.length, `${one.channel} of ${one.recipient}`).toBeLessThanOrEqual(one.ambiguous ? 2 : 1);
    expect(new Set(ids).size).toBe(1);
    if (one.recipient === 'ada') {
      expect([ids.length, one.ambiguous], 'what Ada was told').toEqual([told, marked]);
    }
  }
}

async function expectOneTransition({ org }: Scene): Promise<void> {
  const transitions = await query(
    `select t.transition, t.notice, h.workflow,
       (select count(*) from analytics.in_app_notifications n where n.transition_id = t.id) as inside,
       (select count(*) from analytics.notification_outbox o where o.transition_id = t.id) as outside
     from analytics.alert_history h join analytics.alert_transitions t on t.alert_id = h.id where h.org_id = $1`,
    org,
  );
  // External messages: two channels, and two people for each.
  expect(transitions).toEqual([
    { transition: 'firing', notice: 'firing', workflow: 'open', inside: 1, outside: 6 },
  ]);
  expect(
    await query(
      `select (select count(*) from analytics.notification_outbox where org_id = $1) as outside,
         (select count(*) from analytics.in_app_notifications where org_id = $1) as inside,
         (select count(*) from analytics.events where org_id = $1 and type = 'alert') as events`,
      org,
    ),
  ).toEqual([{ outside: 6, inside: 1, events: 1 }]);
}

/** Nothing is left to be sent or recorded. */
function settled(org: string) {
  return expect
    .poll(
      () =>
        query(
          `select (select count(*) from analytics.notification_outbox where org_id = $1 and status = 'sent') as sent,
             (select count(*) from analytics.notification_outbox
              where org_id = $1 and status in ('waiting', 'leased')) as open,
             (select count(*) from analytics.alert_transitions t join analytics.alert_history h on h.id = t.alert_id
              where h.org_id = $1 and t.event_recorded_at is not null) as events`,
          org,
        ),
      patience,
    )
    .toEqual([{ sent: 4, open: 0, events: 1 }]);
}

let scenes = 0;
const played: [Death, Scene][] = [];

test.each(deaths)(
  'killed when $name, the service tells everyone after its restart, by one transition',
  {
    timeout: 5 * MINUTE,
  },
  async (death) => {
    const scene = await prepare(`org-${scenes++}`);
    const step = await hold(death, scene);
    const event = makeUsage({ orgId: scene.org, occurredAt: new Date(Date.now() - SECOND).toISOString() });
    expect(await send('/analytics/v1/events', event)).toMatchObject({ stored: 1 });
    await step.reached();
    await service.kill();
    await (death.committed ? step.letThrough() : step.undo());
    service = await start();
    await settled(scene.org);
    await expectAllTold(death, scene);
    await expectOneTransition(scene);
    played.push([death, scene]);
  },
);

test('later restarts tell nobody anything more', async () => {
  expect(played).not.toEqual([]);
  for (const [death, scene] of played) {
    await expectAllTold(death, scene);
    await expectOneTransition(scene);
  }
});
