import type { Grain } from '../grains.ts';

/** An org, type and bucket whose rollups differ from its raw events. */
export interface Drift {
  orgId: string;
  type: string;
  grain: Grain['name'];
  bucketStart: Date;
  /** The differences, as text, since sums may be too large for a number. */
  differences: { what: string; raw: string; rolledUp: string }[];
}
