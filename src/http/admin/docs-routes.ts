import { isPublic } from '../shell/authenticate.ts';
import { fixedAnswer } from '../shell/fixed-answer.ts';
import type { Server } from '../shell/typed-server.ts';
import { readScalarBundle } from './scalar-bundle.ts';

/** The page may load only from this server, so it works without the internet, or fails visibly. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const CONFIGURATION = {
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
};

/** Its addresses are relative to `/docs`, so it works behind a proxy that serves us below a path. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tidemark API</title>
  </head>
  <body>
    <script id="api-reference" data-url="openapi.json" data-configuration='${JSON.stringify(CONFIGURATION)}'></script>
    <script src="docs/scalar.js"></script>
  </body>
</html>
`;

/** A page to browse and try the API, at `/docs`. */
export function registerDocsRoutes(server: Server): void {
  const options = { config: isPublic, schema: { hide: true } };
  const page = fixedAnswer(() => PAGE);
  const script = fixedAnswer(readScalarBundle);

  server.get('/docs', options, async (request, reply) =>
    page.send(
      request,
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8'),
    ),
  );

  server.get('/docs/', options, async (_request, reply) => reply.redirect('../docs'));

  server.get('/docs/scalar.js', options, async (request, reply) =>
    script.send(
      request,
      reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=3600'),
    ),
  );
}
