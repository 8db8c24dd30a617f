import { duration } from '../setting.ts';
import { readAs } from './read-as.ts';

/** A duration given on the command line, such as `90d`, as milliseconds. */
export const readDuration = readAs(duration('1s', '3650d'));
