import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { consoleBase } from './api/base.ts';
import { sessionQuery } from './api/session.ts';
import { meQuery, orgsQuery } from './api/shared-queries.ts';
import { pageRoutes } from './page-routes.ts';
import { readLogin } from './pages/login/search.ts';
import { NowProvider } from './question/now-provider.tsx';
import { ALL_ORGS } from './question/question.ts';
import { NotFound, PageFailure } from './shell/page-failure.tsx';
import { Shell } from './shell/shell.tsx';
import { recall } from './style/remembered.ts';
import { parseSearch, readShared, writeSearch } from './url/search.ts';

/** The routes. Each page is loaded when it is first visited. */
export function createConsoleRouter(client: QueryClient) {
  const root = createRootRoute({ component: Outlet });

  const login = createRoute({
    getParentRoute: () => root,
    path: '/login',
    validateSearch: readLogin,
    component: lazyRouteComponent(() => import('./pages/login/login-page.tsx'), 'LoginPage'),
  });

  const app = createRoute({
    getParentRoute: () => root,
    id: 'app',
    validateSearch: readShared,
    beforeLoad: async ({ search, location }) => {
      const session = await client.ensureQueryData(sessionQuery);
      if (session === null)
        throw redirect({ to: '/login', search: { returnTo: location.href }, replace: true });
      if (search.org !== undefined) return;
      const org = await firstOrg(client);
      if (org !== undefined) {
        throw redirect({ to: location.pathname, search: { ...location.search, org }, replace: true });
      }
    },
    component: SignedIn,
  });

  const pages = pageRoutes.map(({ path, load, name, read = (search) => search }) =>
    createRoute({
      getParentRoute: () => app,
      path,
      validateSearch: read,
      component: lazyRouteComponent(load, name),
    }),
  );

  return createRouter({
    routeTree: root.addChildren([login, app.addChildren(pages)]),
    basepath: consoleBase,
    parseSearch,
    stringifySearch: writeSearch,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

function SignedIn(): ReactNode {
  return (
    <NowProvider>
      <Shell />
    </NowProvider>
  );
}

/** The org that was shown last, if it still may be; else the first, or all together. */
async function firstOrg(client: QueryClient): Promise<string | undefined> {
  const [me, { orgs }] = await Promise.all([
    client.ensureQueryData(meQuery),
    client.ensureQueryData(orgsQuery),
  ]);
  const known = [...(me.allOrgs ? [ALL_ORGS] : []), ...me.orgs, ...orgs.map(({ orgId }) => orgId)];
  const last = recall('org');
  if (last !== undefined && (known.includes(last) || me.allOrgs)) return last;
  return orgs[0]?.orgId ?? me.orgs[0] ?? known[0];
}
