/** First key of our advisory locks: "tide" in ASCII. */
export const LOCK_SPACE = 0x74696465;

/** Their second key, all of them here, so that no two share one. */
export const lockNumbers = {
  /** The one service of an embedded database. */
  service: 1,
  /** Everyone who uses an embedded database. */
  presence: 2,
  migration: 3,
  /** A fold that adds to the orders of customers. */
  customerOrders: 4,
  /** Shared by every batch that is being stored, until all nodes have it. */
  storing: 5,
  /** A roll-up that commits, until all nodes have it. */
  rollUpCommit: 6,
} as const;
