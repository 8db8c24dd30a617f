import { defineConfig } from 'vitest/config';

// Machines that run this are often busy: the limits are there to end what hangs, never to time what works.
const limits = { testTimeout: 180_000, hookTimeout: 180_000, teardownTimeout: 60_000 };

// A run for all to rely on is not lost to one unlucky test, but says which one it was.
const retry = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    maxWorkers: 2,
    teardownTimeout: limits.teardownTimeout,
    projects: [
      { test: { name: 'unit', include: ['{src,client,console,scripts}/**/*.test.ts'], retry, ...limits } },
      {
        test: {
          name: 'integration',
          include: ['tests/**/*.test.ts'],
          globalSetup: ['tests/support/set-up/global-setup.ts'],
          retry,
          ...limits,
        },
      },
    ],
  },
});
