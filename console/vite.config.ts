import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The service that `npm run dev -w console` shows. */
const service = process.env.TIDEMARK_URL ?? 'http://127.0.0.1:8084';
const token = process.env.TIDEMARK_TOKEN;

const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
const proxied = { target: service, headers };

/** With a token in the environment everybody is signed in already. */
function developmentSession(): Plugin {
  return {
    name: 'development-session',
    configureServer(server) {
      if (token === undefined) return;
      server.middlewares.use('/console/session', (_request, response) => {
        const respond = async () => {
          const answer = await fetch(`${service}/analytics/v1/me`, { headers });
          const { id, roles, orgs, via } = (await answer.json()) as Record<string, unknown>;
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ actor: id, name: id, roles, orgs, via, expiresAt: null }));
        };
        respond().catch((error) => response.writeHead(502).end(String(error)));
      });
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // The service puts its own path in front of the addresses of index.html; scripts find one another by themselves.
  base: './',
  plugins: [react(), developmentSession()],
  css: { transformer: 'lightningcss' },
  build: {
    target: 'baseline-widely-available',
    outDir: process.env.CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    // The policy allows no data of scripts or styles, and small files are as quick.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/analytics': proxied,
      '/api': proxied,
      '/auth': proxied,
      '/openapi.json': proxied,
      ...(token === undefined && { '/console/session': proxied, '/console/sign-in': proxied }),
    },
  },
});
