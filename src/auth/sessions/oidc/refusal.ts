/** Why a browser that comes from the provider is not signed in. The login page has words for each. */
export type RefusalReason =
  | 'no_role'
  | 'no_org'
  | 'denied'
  | 'expired'
  | 'no_provider'
  | 'provider_unavailable'
  | 'provider_error';

export class OidcRefusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OidcRefusal';
    this.reason = reason;
  }
}
