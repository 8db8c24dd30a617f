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
}
