import { InvalidArgumentError } from 'commander';
import type { Parse } from '../setting.ts';

/** Reads what is given on the command line as a setting is read, and says in the same words what would be right. */
export function readAs<T>(parse: Parse<T>) {
  return (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`Give ${(error as Error).message}.`);
    }
  };
}
