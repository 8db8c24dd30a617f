import { InvalidArgumentError } from 'commander';
import { duration } from '../setting.ts';

/** A duration given on the command line, such as `90d`, as milliseconds. */
export const readDuration = (text: string): number => {
  try {
    return duration('1s', '3650d')(text);
  } catch (error) {
    throw new InvalidArgumentError(`Give ${(error as Error).message}.`);
  }
};
