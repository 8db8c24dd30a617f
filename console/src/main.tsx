import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { listenForSignOut } from './api/client.ts';
import { ApiFailure } from './api/failure.ts';
import { sessionQuery } from './api/session.ts';
import { copyExactValues } from './parts/figures/value.tsx';
import { createConsoleRouter } from './router.tsx';
import { applyTheme } from './style/theme.ts';
import './style/tokens.css';
import './style/base.css';

const MOST_RETRIES = 2;
const SECOND = 1_000;

applyTheme();
copyExactValues();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      gcTime: 120 * SECOND,
      refetchOnWindowFocus: false,
      // What the caller did wrong stays wrong; what the service could not do it may do in a moment.
      retry: (count, error) => count < MOST_RETRIES && error instanceof ApiFailure && mayPass(error),
      retryDelay: (count, error) =>
        Math.min(
          ((error instanceof ApiFailure && error.retryAfterSeconds) || 2 ** count) * SECOND,
          10 * SECOND,
        ),
    },
  },
});
const router = createConsoleRouter(client);

listenForSignOut(() => {
  if (client.getQueryData(sessionQuery.queryKey) == null) return;
  client.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

function mayPass({ status }: ApiFailure): boolean {
  return status === 0 || status === 429 || status >= 502;
}
