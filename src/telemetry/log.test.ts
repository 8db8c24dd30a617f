import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function linesOf(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog({ level: 'info', destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => JSON.parse(line));
}

test('writes one JSON object a line, with its level by name and its time in UTC', () => {
  const [line] = linesOf((log) => log.info({ orgId: 'acme' }, 'stored'));
  expect(line).toMatchObject({
    level: 'info',
    orgId: 'acme',
    msg: 'stored',
    time: expect.stringMatching(/Z$/),
  });
});

test('hides credentials, however deep they lie', () => {
  const lines = linesOf((log) => {
    log.info({ token: 'hunter2', headers: { authorization: 'hunter2', 'x-api-key': 'hunter2' } });
    log.info({ request: { headers: { authorization: 'hunter2', cookie: 'hunter2' } } });
    log.child({ secret: 'hunter2' }).info({ config: { password: 'hunter2' } });
  });
  expect(lines).toHaveLength(3);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});

test('leaves out what is below its level', () => {
  expect(linesOf((log) => log.debug('nothing'))).toEqual([]);
});
