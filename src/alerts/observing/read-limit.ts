import { SECOND } from '../../time.ts';

/**
 * How long one statement of an evaluation may run, in milliseconds. After that time the evaluation begins no other read.
 * Other rules wait for as long. Most evaluations take some milliseconds; one over 8,000 orgs takes a second.
 */
export const READ_LIMIT = 8 * SECOND;
