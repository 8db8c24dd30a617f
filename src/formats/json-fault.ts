/** Where a text stops being JSON. */
export interface JsonFault {
  /** In UTF-16 units from the start. */
  offset: number;
  /** What would have been right there. */
  expected: string;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them inside a string
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Finds the first fault of a text that `JSON.parse` refused: the engine's own message names its position
 * only at times. Walks with a stack of its own, so depth does not matter. `undefined` if there is no fault, or
 * none up to the offset `last`: ten million brackets take a second.
 */
export function findJsonFault(text: string, last = Number.POSITIVE_INFINITY): JsonFault | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeCharacter = (character: string): boolean => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  /** Takes a string whose opening quote has been taken; what is expected if it is not right. */
  const restOfString = (): string | undefined => {
    while (take(PLAIN) && text[at] === '\\') if (!take(ESCAPE)) return 'a valid escape';
    return takeCharacter('"') ? undefined : 'the rest of the text, with control characters escaped';
  };

  const open: ('{' | '[')[] = [];
  /** The next thing is a key with its colon (or the end of an empty object), or a value. */
  let state: 'value' | 'first value' | 'key' | 'first key' | 'after value' = 'value';
  while (at <= last) {
    take(SPACE);
    if (state === 'after value') {
      const inside = open.at(-1);
      if (inside === undefined) return at === text.length ? undefined : { offset: at, expected: 'the end' };
      if (takeCharacter(',')) state = inside === '{' ? 'key' : 'value';
      else if (takeCharacter(inside === '{' ? '}' : ']')) open.pop();
      else return { offset: at, expected: inside === '{' ? '"," or "}"' : '"," or "]"' };
    } else if (state === 'key' || state === 'first key') {
      if (state === 'first key' && takeCharacter('}')) {
        open.pop();
        state = 'after value';
        continue;
      }
      if (!takeCharacter('"')) return { offset: at, expected: 'a key in double quotes' };
      const expected = restOfString();
      if (expected !== undefined) return { offset: at, expected };
      take(SPACE);
      if (!takeCharacter(':')) return { offset: at, expected: '":"' };
      state = 'value';
    } else if (state === 'first value' && takeCharacter(']')) {
      open.pop();
      state = 'after value';
    } else if (takeCharacter('{')) {
      open.push('{');
      state = 'first key';
    } else if (takeCharacter('[')) {
      open.push('[');
      state = 'first value';
    } else {
      if (takeCharacter('"')) {
        const expected = restOfString();
        if (expected !== undefined) return { offset: at, expected };
      } else if (!take(NUMBER) && !take(WORD)) return { offset: at, expected: 'a value' };
      state = 'after value';
    }
  }
  return undefined;
}
