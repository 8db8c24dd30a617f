import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Service } from './service.ts';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Calls the service as an admin: GET, or POST where there is a JSON body. */
export function call(service: Service, agent: Agent, path: string, body?: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      service.address + path,
      {
        agent,
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${service.token}`,
          ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.once('error', reject);
      },
    );
    outgoing.once('error', reject).end(body);
  });
}

/** Calls the service and parses the answer. @throws when the status is not 200 */
export async function callOk<T>(service: Service, agent: Agent, path: string, body?: Buffer): Promise<T> {
  const { status, text } = await call(service, agent, path, body);
  if (status !== 200) throw new Error(`${path}: ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
