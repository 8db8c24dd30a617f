import { DeliveryError } from './channel.ts';
import { failureOfAnswer, type Outbound, type OutboundAnswer } from './outbound.ts';

interface JsonPost {
  /** The receiver, in the words of an error. */
  who: string;
  body: object;
  signal: AbortSignal;
  /** The org of the destination; `null`: rules over all orgs. */
  orgId: string | null;
}

/**
 * Posts JSON to an address that an org has entered. It may only be public, and redirects are not followed.
 * @throws {DeliveryError}
 */
export async function postJson(
  outbound: Outbound,
  url: string,
  { who, body, signal, orgId }: JsonPost,
): Promise<OutboundAnswer> {
  const answer = await outbound.request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Tidemark' },
    body: JSON.stringify(body),
    signal,
    ...(orgId !== null && { owner: orgId }),
  });
  if (answer.status >= 300 && answer.status < 400) {
    throw new DeliveryError(`${who} answered ${answer.status}: redirects are not followed`, {
      retryable: false,
    });
  }
  const failure = failureOfAnswer(who, answer);
  if (failure) throw failure;
  return answer;
}

/** A text of the answer by its name; `undefined`: there is none. */
export function textIn({ body }: OutboundAnswer, name: string): string | undefined {
  try {
    const value = (JSON.parse(body) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
