import { SECOND } from '../../time.ts';

/**
 * The longest time of one statement of an evaluation, in milliseconds. After that time the evaluation starts no other
 * read. Other rules wait as long. Most evaluations take some milliseconds; one over 8,000 orgs takes a second.
 */
export const READ_LIMIT = 8 * SECOND;
