import fastifyStatic from '@fastify/static';
import { Type } from 'typebox';
import type { Config } from '../../config.ts';
import { CodedError } from '../../errors.ts';
import { isPublic } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { consoleFolder, consolePage, hasAsset } from './built-console.ts';

/** The page loads nothing from elsewhere and runs nothing that did not come with it. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** The names of these files contain a hash of what is in them. */
const FOR_EVER = { maxAge: '365d', immutable: true };

/** The search of a page is its state, so the service takes any. */
const anyQuery = Type.Record(Type.String(), Type.Unknown());

/**
 * The console at `/console`. Each of its addresses answers with the same page, which then shows what the address says. What it
 * shows comes from the API, so these routes are open to everybody.
 */
export function registerConsoleRoutes(
  server: Server,
  { config }: { config: Pick<Config, 'publicUrl'> },
): void {
  const page = consolePage(config.publicUrl);
  server.register(fastifyStatic, { root: consoleFolder, serve: false, preCompressed: true });

  const pageRoute = { config: isPublic, schema: { hide: true, querystring: anyQuery } };
  for (const url of ['/console', '/console/*']) {
    server.get(url, pageRoute, async (request, reply) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8');
      return page.send(request, reply.header('cache-control', 'no-cache'));
    });
  }

  const hidden = { config: isPublic, schema: { hide: true } };
  server.get('/', hidden, async (_request, reply) => reply.redirect('console'));

  const file = Type.Object({ file: Type.String({ maxLength: 100 }) });
  const fileRoute = { config: isPublic, schema: { hide: true, params: file } };
  server.get('/console/assets/:file', fileRoute, async (request, reply) => {
    const { file: name } = request.params;
    if (!(await hasAsset(name))) throw new CodedError('not_found', 'The console has no such file.');
    return reply.removeHeader('cache-control').sendFile(`assets/${name}`, FOR_EVER);
  });
}
