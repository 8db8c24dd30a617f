import type { Database } from '../../database/pool.ts';

/** The notices inside the product that are kept: of one recipient in one org, and of one org. */
export const IN_APP_KEPT = { ofRecipient: 1_000, ofOrg: 10_000 };

const NEWER = `
  select array_agg(distinct org_id) as orgs, max(id)::text as last
  from analytics.in_app_notifications where id > $1`;

// A notice of a rule over all orgs has no org; these count together.
const REMOVE = `
  delete from analytics.in_app_notifications n
  using (
    select id, of_recipient, row_number() over (partition by org_id, of_recipient > $3 order by id desc) as of_org
    from (
      select id, org_id, row_number() over (partition by org_id, recipient order by id desc) as of_recipient
      from analytics.in_app_notifications
      where org_id = any($1) or org_id is null and $2
    ) as r
  ) as k
  where k.id = n.id and (k.of_recipient > $3 or k.of_org > $4)`;

/** Keeps the newest notices inside the product. It looks only at orgs that have new ones since it looked last. */
export class InAppBounds {
  readonly #database: Database;
  readonly #kept: typeof IN_APP_KEPT;
  #seen = '0';

  constructor(database: Database, kept = IN_APP_KEPT) {
    this.#database = database;
    this.#kept = kept;
  }

  /** Removes the oldest notices beyond the bounds. @returns their number */
  async apply(): Promise<number> {
    const { rows } = await this.#database.query<{ orgs: (string | null)[] | null; last: string | null }>(
      NEWER,
      [this.#seen],
    );
    const { orgs, last } = rows[0] ?? { orgs: null, last: null };
    if (orgs === null || last === null) return 0;
    const { ofRecipient, ofOrg } = this.#kept;
    const { rowCount } = await this.#database.query(REMOVE, [
      orgs.filter((org) => org !== null),
      orgs.includes(null),
      ofRecipient,
      ofOrg,
    ]);
    this.#seen = last;
    return rowCount ?? 0;
  }
}
