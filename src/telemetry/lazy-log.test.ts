import { expect, test } from 'vitest';
import { LazyLog } from './lazy-log.ts';
import { createLog } from './log.ts';

test('a lazy log makes its child at the first line, once, and its lines have the bindings', () => {
  const lines: string[] = [];
  const parent = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  let made = 0;
  const log = new LazyLog(
    {
      ...parent,
      child: (bindings) => {
        made++;
        return parent.child(bindings);
      },
    } as typeof parent,
    { requestId: 'r-1' },
  );
  expect(made).toBe(0);
  log.warn({ password: 'hunter2' }, 'first');
  log.child({ more: 1 }).error('second');
  expect(made).toBe(1);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', requestId: 'r-1', password: '[hidden]', msg: 'first' },
    { level: 'error', requestId: 'r-1', more: 1, msg: 'second' },
  ]);
});
