/**
 * Recipients that are no address: they stand for many people. The outbox and the in-app notifications keep them as
 * they are written here, and no Slack destination may take such a name.
 */

/** Everyone whom the preferences name for the channel. The outbox resolves it just before it sends. */
export const BY_PREFERENCE = 'default';

/** Everyone who may read the alerts of the org; only inside the product. */
export const EVERYBODY = '*';
