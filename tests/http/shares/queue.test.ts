/** A key with many connections and large batches, beside an org that sends single events. */
import { expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const CONNECTIONS = 12;
const BATCH = 500;
const SINGLES = 60;
// So small that the batches of one round do not fit. One org alone gets half.
const service = useService({ MAX_QUEUED_EVENTS: '4000' });

function send(token: string, body: object) {
  return service.call('/analytics/v1/events', { token, body });
}

test('one key that fills the queue is refused, and single events of another org are not', async () => {
  const [attacker, victim] = await Promise.all([
    tokenOf(['ingest'], ['attacker']),
    tokenOf(['ingest'], ['victim']),
  ]);
  const refused: number[] = [];
  let accepted = 0;
  let isOver = false;
  const flood = async () => {
    do {
      const batch = Array.from({ length: BATCH }, () => makeUsage({ orgId: 'attacker' }));
      const { status, json } = await send(attacker, batch);
      if (status === 200) accepted += json.stored;
      else refused.push(status);
    } while (!isOver);
  };
  const attack = Array.from({ length: CONNECTIONS }, flood);
  const statuses: number[] = [];
  // Five at a time, until the attacker was refused, and then some more.
  while (statuses.length < SINGLES || refused.length === 0) {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send(victim, makeUsage({ orgId: 'victim' }))),
    );
    statuses.push(...answers.map(({ status }) => status));
  }
  isOver = true;
  await Promise.all(attack);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(new Set(refused)).toEqual(new Set([429]));
  const { rows } = await service.database.pool.query(
    'select org_id, count(*)::int as events from analytics.events where org_id = any($1) group by 1 order by 1',
    [['attacker', 'victim']],
  );
  expect(rows).toEqual([
    { org_id: 'attacker', events: accepted },
    { org_id: 'victim', events: statuses.length },
  ]);
});
