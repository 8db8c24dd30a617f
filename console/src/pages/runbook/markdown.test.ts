import { expect, test } from 'vitest';
import runbook from '../../../../docs/runbooks/incident-response.md?raw';
import { runbookSections } from '../../words/runbook.ts';
import { inlinesOf, sectionsOf } from './markdown.ts';

test('sections have their text, code, lists and tables', () => {
  const text = [
    '# Page\n\nBefore all sections.\n\n## Roll-up, stalled\nOne line\nand its rest.\n',
    '```sh\nfirst\n\nsecond | third\n```\n\n1. one\n   more\n2. two\n',
    '| cause | what |\n|---|---|\n| `a | b` | c |\n',
  ].join('\n');
  expect(sectionsOf(text)).toEqual([
    {
      ...{ title: 'Roll-up, stalled', anchor: 'roll-up-stalled' },
      blocks: [
        { kind: 'text', text: 'One line and its rest.' },
        { kind: 'code', text: 'first\n\nsecond | third' },
        { kind: 'list', items: ['one more', 'two'] },
        { kind: 'table', head: ['cause', 'what'], rows: [['`a | b`', 'c']] },
      ],
    },
  ]);
});

test('marks within a text are read, and what has none stays as it is', () => {
  expect(inlinesOf('**Call.** Run `a`, see [there](#x).')).toEqual([
    { kind: 'strong', text: 'Call.' },
    { kind: 'plain', text: ' Run ' },
    { kind: 'code', text: 'a' },
    { kind: 'plain', text: ', see ' },
    { kind: 'link', text: 'there', to: '#x' },
    { kind: 'plain', text: '.' },
  ]);
  expect(inlinesOf('2 * 3')).toEqual([{ kind: 'plain', text: '2 * 3' }]);
});

test('the runbook is read whole, and has each section that a page leads to', () => {
  const sections = sectionsOf(runbook);
  const anchors = sections.map(({ anchor }) => anchor);
  expect(sections.length).toBeGreaterThan(25);
  expect(sections.flatMap(({ blocks }) => blocks).length).toBeGreaterThan(150);
  expect(Object.values(runbookSections).filter((section) => !anchors.includes(section))).toEqual([]);
});
