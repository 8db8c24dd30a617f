/** The row of a config that an evaluator has claimed and holds until its transaction ends. */
export interface ClaimedConfig {
  id: string;
  org_id: string | null;
  name: string;
  rule: unknown;
  version: number;
  interval_seconds: number;
  silenced_until: Date | null;
  next_evaluation_at: Date;
  last_evaluated_at: Date | null;
  failures: number;
  /** The failure or the limitation of the last evaluation. */
  failure: string | null;
  failing_since: Date | null;
  /** Whether its recipients were told that it cannot be evaluated. */
  failing_told: boolean;
  /** When the oldest event of the org was stored that is in no numbers yet; null: none waits. */
  waiting_since: Date | null;
  /** The zone of the org; null: it has set none. */
  timezone: string | null;
  /** Whether the org has a silence that is not over. */
  has_silences: boolean;
}
