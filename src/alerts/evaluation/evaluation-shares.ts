import { MINUTE, SECOND } from '../../time.ts';

/** Owners that have used less than this count as having used none: their rules go in the order in which they are due. */
const LITTLE = SECOND / 4;
/** An owner has so many budgets to pay off at most, however much its rules have used. */
const MOST_BUDGETS = 2;
/** A claim names so many owners at most. */
const MOST_NAMED = 200;

/** The rules that a claim takes first. An owner is an org, or `ALL_ORGS` for rules over all orgs. */
export interface ClaimOrder {
  /** Owners whose rules are not taken now. */
  excluded: string[];
  /** Owners whose rules are taken after those of all others, the one that has used least first. */
  last: string[];
}

interface Account {
  /** Evaluation time that is not paid off, in milliseconds. */
  used: number;
  /** When it was counted; milliseconds. */
  at: number;
}

/**
 * Shares the evaluation time of one process among the owners of rules. Each owner has one evaluation at a time. The owner
 * that has used least goes first, so that an org with thousands of rules delays none with a few.
 *
 * The used time is paid off at the rate of the budget. Owners beyond their budget have one evaluation at a time together.
 * So the other place stays free for owners within their budget, even if every rule of the former is very slow.
 */
export class EvaluationShares {
  readonly #budget: number;
  readonly #accounts = new Map<string, Account>();
  readonly #busy = new Set<string>();
  #claims: Promise<unknown> = Promise.resolve();

  /** @param budget milliseconds of evaluation in a minute */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * Claims a rule for its owner, one claim after the other. Otherwise two claims at once could take rules of one owner.
   * @param read claims a rule in the order given
   */
  claim<T>(
    read: (order: ClaimOrder) => Promise<T | undefined>,
    ownerOf: (claimed: T) => string,
  ): Promise<T | undefined> {
    const claim = this.#claims.then(async () => {
      const claimed = await read(this.order(performance.now()));
      if (claimed !== undefined) this.#busy.add(ownerOf(claimed));
      return claimed;
    });
    this.#claims = claim.catch(() => {});
    return claim;
  }

  /** Ends the evaluation of an owner, which took so many milliseconds. */
  end(owner: string, took: number, now = performance.now()): void {
    this.#busy.delete(owner);
    const used = Math.min(MOST_BUDGETS * this.#budget, this.#usedBy(owner, now) + took);
    this.#accounts.set(owner, { used, at: now });
  }

  order(now: number): ClaimOrder {
    const used = new Map<string, number>();
    for (const owner of this.#accounts.keys()) {
      const left = this.#usedBy(owner, now);
      if (left > LITTLE) used.set(owner, left);
      else if (left === 0) this.#accounts.delete(owner);
    }
    const ahead = [...used].sort((a, b) => a[1] - b[1]);
    const beyond = ahead.filter(([, left]) => left >= this.#budget).map(([owner]) => owner);
    const isOneBusy = beyond.some((owner) => this.#busy.has(owner));
    return {
      excluded: [...new Set([...this.#busy, ...(isOneBusy ? beyond : [])])],
      last: ahead.slice(-MOST_NAMED).map(([owner]) => owner),
    };
  }

  #usedBy(owner: string, now: number): number {
    const account = this.#accounts.get(owner);
    if (account === undefined) return 0;
    return Math.max(0, account.used - ((now - account.at) * this.#budget) / MINUTE);
  }
}
