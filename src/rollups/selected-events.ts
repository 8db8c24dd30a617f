/** Which raw events are meant: a condition over their columns, with `$1`, `$2`, … for its values. */
export interface SelectedEvents {
  condition: string;
  values: readonly unknown[];
}
