/** The most events in one request or message. They are stored in one transaction. */
export const MAX_EVENTS = 10_000;
