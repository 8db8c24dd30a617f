/**
 * Checks that no sentence has more than 30 words: in the documentation, in the descriptions of the API, and in the
 * help, messages and comments of src/. `--write` removes the exceptions that are no longer needed.
 * Test names, migrations and the code outside of src/ are not checked.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hold, type Offence, root } from './ratchet.ts';
import { sentencesOf } from './sentence.ts';
import { type Prose, proseOf } from './source-prose.ts';

/** We aim for 25. Beyond 30 most readers have to read a sentence twice. */
const MOST_WORDS = 30;

/** The first words identify an exception. */
const NAMING_WORDS = 8;

/** The sources come first: a sentence that is generated from them into other files is reported here, where it is fixed. */
const places: readonly { files: string; proseOf: (text: string) => Prose[] }[] = [
  { files: '{src,console/src}/**/*.ts', proseOf },
  { files: '{README,CONTRIBUTING,CHANGELOG,console/README}.md', proseOf: wholeOf },
  { files: 'docs/**/*.md', proseOf: wholeOf },
  { files: 'docs/openapi.json', proseOf: descriptionsOf },
];

const seen = new Set<string>();
const offences = places.flatMap(({ files, proseOf }) => {
  const paths = globSync(files, { cwd: root }).filter((path) => !/\.test\.tsx?$/.test(path));
  return paths
    .sort()
    .flatMap((path) =>
      proseOf(readFileSync(join(root, path), 'utf8')).flatMap((prose) => tooLong(path, prose)),
    );
});

await hold(offences, 'scripts/tidy/long-sentences.json', 'sentences');

function tooLong(path: string, { text, line }: Prose): Offence[] {
  const long = sentencesOf(text).filter(
    (sentence) => sentence.words > MOST_WORDS && !seen.has(sentence.text),
  );
  return long.map((sentence) => {
    seen.add(sentence.text);
    return {
      rule: `a sentence has at most ${MOST_WORDS} words`,
      ...{ path, line: line + sentence.line, size: sentence.words },
      name: sentence.text.split(' ').slice(0, NAMING_WORDS).join(' '),
      message: `a sentence of ${sentence.words} words, at most ${MOST_WORDS} are allowed: ${sentence.text}`,
    };
  });
}

function wholeOf(text: string): Prose[] {
  return [{ text, line: 1 }];
}

/** Each description of the formatted file is on a line of its own. */
function descriptionsOf(text: string): Prose[] {
  return text.split('\n').flatMap((given, index) => {
    const [, literal] = /^\s*"(?:description|summary)": (".*"),?$/.exec(given) ?? [];
    return literal === undefined ? [] : [{ text: JSON.parse(literal), line: index + 1 }];
  });
}
