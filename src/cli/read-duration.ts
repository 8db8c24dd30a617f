import { duration } from '../setting.ts';
import { readAs } from './read-as.ts';

/** Reads a duration such as `90d` from the command line, as milliseconds. */
export const readDuration = readAs(duration('1s', '3650d'));
