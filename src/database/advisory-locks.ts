/** The first key of our advisory locks: "tide" in ASCII. */
export const LOCK_SPACE = 0x74696465;

/** All second keys of our advisory locks in one place, so that no two are the same. */
export const lockNumbers = {
  /** Held by the only service of an embedded database. */
  service: 1,
  /** Held by every user of an embedded database. */
  presence: 2,
  migration: 3,
  /** Held by a fold that adds to the orders of customers. */
  customerOrders: 4,
  /** Shared by every batch that is being stored, until all nodes have it. */
  storing: 5,
  /** A roll-up that commits, until all nodes have it. */
  rollUpCommit: 6,
  /** Held by a worker that claims an export. */
  exportClaim: 7,
  /** Held by a repricing, and by a booking of raw events, so that no cost changes while it is booked. */
  rawCosts: 8,
} as const;

/** The first key of the locks of quotas: "quot" in ASCII. The second is a hash of the quota and the org. */
export const QUOTA_LOCKS = 0x71756f74;
