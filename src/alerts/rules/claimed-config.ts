/** A config as it was claimed. */
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
