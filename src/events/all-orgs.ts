/**
 * Stands for all orgs together, where a caller names an org and where their common numbers are stored. The name is
 * reserved: no events are sent for it, and no token or key can name it.
 */
export const ALL_ORGS = '*';
