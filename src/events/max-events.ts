/** The most events in one request or message, since one transaction stores them all. */
export const MAX_EVENTS = 10_000;
