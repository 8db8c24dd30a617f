import { InvalidArgumentError } from 'commander';
import type { Parse } from '../setting.ts';

/** Reads a value of the command line like a setting, with the same messages. */
export function readAs<T>(parse: Parse<T>) {
  return (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`Give ${(error as Error).message}.`);
    }
  };
}
