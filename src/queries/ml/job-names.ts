import type { Queryable } from '../../database/pool.ts';
import { withoutVariants } from '../../events/field.ts';
import { mlJob } from '../../events/types/ml-job.ts';

const dimensions = ['provider', 'pipeline'] as const;
type NamedDimension = (typeof dimensions)[number];

/** The values that a filter stands for. */
export interface NameFilter {
  /** As they are stored, in every spelling. */
  stored: string[];
  /** The values of the filter that no job has. */
  unknown: string[];
}

/** Spellings that are the same name: senders write `Replicate`, `replicate` and `replicate `. */
function keyOf(name: string): string {
  return withoutVariants(name).toLowerCase();
}

/** The providers and pipelines of stored jobs. Names that differ in case alone are one, shown as it was first written. */
export class JobNames {
  readonly #spellings = new Map<string, string[]>();

  /** @param orgId an org, or `ALL_ORGS` */
  static async read(database: Queryable, orgId: string): Promise<JobNames> {
    // Series are numbered in the order in which they came.
    const parts = dimensions.map(
      (dimension) => `select '${dimension}' as dimension, ${dimension} as name, min(series_id) as first
        from analytics.series where org_id = $1 and type = $2 and ${dimension} is not null group by ${dimension}`,
    );
    const { rows } = await database.query<{ dimension: NamedDimension; name: string }>(
      `select dimension, name from (${parts.join(' union all ')}) as names order by first`,
      [orgId, mlJob.type],
    );
    const names = new JobNames();
    for (const { dimension, name } of rows) names.#of(dimension, name).push(name);
    return names;
  }

  /** The name as it was first written. */
  shown(dimension: string, name: string | null): string | null {
    return name === null ? null : (this.#find(dimension, name)?.map(withoutVariants)[0] ?? name);
  }

  /** The spellings in which a name is stored; `undefined` if no job has it. */
  spellings(dimension: NamedDimension, name: string): readonly string[] | undefined {
    return this.#find(dimension, name);
  }

  /** Reads a filter of one value, or of several that commas separate. */
  filter(dimension: NamedDimension, given: string): NameFilter {
    const whole = this.#find(dimension, given);
    if (whole) return { stored: whole, unknown: [] };
    const values = given.split(',').filter((value) => keyOf(value) !== '');
    return {
      stored: values.flatMap((value) => this.#find(dimension, value) ?? []),
      unknown: values.filter((value) => !this.#find(dimension, value)),
    };
  }

  #find(dimension: string, name: string): string[] | undefined {
    return this.#spellings.get(`${dimension} ${keyOf(name)}`);
  }

  #of(dimension: NamedDimension, name: string): string[] {
    const spellings = this.#find(dimension, name) ?? [];
    this.#spellings.set(`${dimension} ${keyOf(name)}`, spellings);
    return spellings;
  }
}
