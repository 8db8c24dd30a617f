import { expect, test } from 'vitest';
import { makeNotice } from '../../../tests/support/alerting/notices.ts';
import { plainNotice } from './plain-notice.ts';
import { statementOf } from './statement.ts';
import { eventOf, factsOf } from './wording.ts';

test('no text of a caller turns around what a notice says', () => {
  const hidden = 'x\u202e\u001b[2J\u2067';
  const notice = plainNotice({
    ...makeNotice({ kind: 'resolved', reason: 'by_person', actorId: hidden, note: hidden, orgId: hidden }),
    name: hidden,
    group: { [`${hidden}d`]: hidden },
    metric: hidden,
  });
  const said = JSON.stringify([notice, eventOf(notice), statementOf(notice), factsOf(notice)]);
  expect(said).not.toMatch(/\u202e|\u2067|\\u001b/);
  expect(eventOf(notice)).toBe('x [2J (x [2Jd x [2J) was resolved by x [2J');
});
