import { DeliveryError } from '../channel.ts';

/** The address of a destination that an org has entered. */
export interface WebhookEndpoint {
  url: string;
  /** Of a webhook `whsec_` and 24 to 64 bytes in Base64, of PagerDuty the routing key; else empty. */
  secret: string;
}

/** Finds the current endpoint of a name. */
export type EndpointOf = (name: string, orgId: string | null) => Promise<WebhookEndpoint | undefined>;

/** @throws {DeliveryError} if there is none of that name */
export async function endpointFor(
  endpointOf: EndpointOf,
  { name, orgId, what }: { name: string; orgId: string | null; what: string },
): Promise<WebhookEndpoint> {
  const endpoint = await endpointOf(name, orgId);
  if (endpoint) return endpoint;
  throw new DeliveryError(`no ${what} is set up under the name ${name}`, { retryable: false });
}
