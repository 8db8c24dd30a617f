/**
 * Reserved: stands for all orgs together where an org is asked for, and is the org under which their numbers are kept
 * beside those of each. It never sends events of its own, and no token or key can name it.
 */
export const ALL_ORGS = '*';
