import { expect, onTestFinished, test } from 'vitest';
import { AlertEngine } from '../../../src/alerts/evaluation/engine.ts';
import { addSilence, removeSilence } from '../../../src/alerts/silences/change-silences.ts';
import { endSilences } from '../../../src/alerts/silences/end-silences.ts';
import { readSilence } from '../../../src/alerts/silences/read-silence.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluator, evaluateAll, addConfig, ...usage } = useUsageAlerts();
const { ingestion, calls, arrive, later, transitions, query } = usage;
const patience = { timeout: 30 * SECOND, interval: 25 };
const caller = {
  actor: { id: 'eve', roles: [], orgs: [], via: 'jwt' as const },
  route: 'test',
  requestId: '1',
};

async function silence(fields: object, orgId: string | null = 'acme') {
  const read = readSilence({ reason: 'deploy', ...fields }, { now: clock.now() });
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  return addSilence({ pool: database.pool, clock }, orgId, read, caller);
}

function iso(in_: number): string {
  return new Date(clock.now() + in_).toISOString();
}

test('a silence by label keeps back the notices of its groups alone, and what is owed is told at its end', async () => {
  const { id } = await addConfig({ name: 'by model', groupBy: ['modelId'], intervalSeconds: 86_400 });
  await silence({ name: 'Deploy', labels: { modelId: 'quiet' }, endsAt: iso(10 * MINUTE) });
  await silence({ labels: { modelId: 'other' }, severities: ['critical'], endsAt: iso(DAY) });
  later(30 * SECOND);
  await arrive(...calls('error', 9, { modelId: 'quiet' }), ...calls('error', 9, { modelId: 'other' }));
  await evaluateAll();
  const of = async (model: string) =>
    await query<object>(
      `select t.transition, t.notice, t.suppressed_by, t.silence from analytics.alert_transitions t
       join analytics.alert_history h on h.id = t.alert_id where h.group_key::jsonb ->> 'modelId' = '${model}' order by t.id`,
    );
  expect(await of('other')).toEqual([
    { transition: 'firing', notice: 'firing', suppressed_by: null, silence: null },
  ]);
  const kept = { transition: 'firing', notice: null, suppressed_by: 'silence', silence: 'Deploy' };
  expect(await of('quiet')).toEqual([kept]);

  // Its end makes the rule due, which would otherwise be evaluated tomorrow.
  later(9 * MINUTE);
  expect(await endSilences(database.pool, clock.now())).toBe(0);
  later(MINUTE);
  await arrive(...calls('error', 9, { modelId: 'quiet' }));
  expect(await endSilences(database.pool, clock.now())).toBe(1);
  expect(await endSilences(database.pool, clock.now())).toBe(0);
  await evaluateAll();
  expect(await of('quiet')).toEqual([
    kept,
    expect.objectContaining({ transition: 'told', notice: 'firing' }),
  ]);
  expect(
    (await query<{ id: string }>('select distinct config_id as id from analytics.alert_transitions'))[0]?.id,
  ).toBe(id);
});

test('a window silences each time it recurs, and an engine tells what is owed when it closes', async () => {
  await addConfig({ name: 'nightly', intervalSeconds: 86_400 });
  const at = (in_: number) => new Date(clock.now() + in_).toISOString().slice(11, 16);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const window = { days, from: at(0), to: at(20 * MINUTE), timezone: 'UTC' };
  await silence({ reason: 'backup', recurrence: window });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  const engine = new AlertEngine({ ...evaluator(), ingest: ingestion.ingest, ownOrg: 'tidemark' });
  engine.start();
  onTestFinished(() => engine.stop());
  await expect
    .poll(transitions, patience)
    .toMatchObject([{ transition: 'firing', suppressed_by: 'silence' }]);
  later(20 * MINUTE);
  await arrive(...calls('error', 9));
  await expect.poll(transitions, patience).toMatchObject([{}, { transition: 'told', notice: 'firing' }]);
  const [row] = await query<{ opens: Date; closes: Date }>(
    'select opens_at as opens, closes_at as closes from analytics.alert_silences',
  );
  expect((row?.opens.getTime() ?? 0) - clock.now()).toBeGreaterThan(23 * HOUR);
  expect((row?.closes.getTime() ?? 0) - (row?.opens.getTime() ?? 0)).toBe(20 * MINUTE);
});

test('a silence that is removed ends at once', async () => {
  await addConfig({ name: 'brief', intervalSeconds: 86_400 });
  const { id } = await silence({ rules: ['brief'], endsAt: iso(DAY) });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ suppressed_by: 'silence' }]);
  await removeSilence({ pool: database.pool, clock }, { id, scope: ['acme'] }, caller);
  await evaluateAll();
  expect(await transitions()).toMatchObject([{}, { transition: 'told', notice: 'firing' }]);
});

test('a silence of one org silences no other, and one over all orgs only rules over all orgs', async () => {
  await addConfig({ name: 'of acme' });
  await addConfig({ name: 'over all' }, null);
  await silence({ endsAt: iso(DAY) }, 'globex');
  await silence({ endsAt: iso(DAY) }, null);
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  await evaluateAll();
  const found = (await transitions()).map(({ name, suppressed_by }) => [name, suppressed_by]).sort();
  expect(found).toEqual([
    ['of acme', null],
    ['over all', 'silence'],
  ]);
});
