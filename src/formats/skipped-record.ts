/** A record that is no call to a model, and so is not counted. It is accepted, not refused. */
export interface SkippedRecord {
  /** The id that its sender knows it by, such as that of a span; `null` if it has none. */
  id: string | null;
  /** Why it is no call, in words such as "its schemaType is AuditLog". */
  reason: string;
}
