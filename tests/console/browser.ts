import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { MINUTE } from '../../src/time.ts';
import type { Service } from '../support/service/service.ts';

const program = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();

/** Whether there is a browser. */
export const hasChromium: boolean = program !== '';

/** What a browser does for one test file. */
export interface Console {
  /** Opens a page of the console in a new browser session, which nobody is signed in to. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same, signed in with the token. */
  openAs(token: string, path: string, options?: BrowserContextOptions): Promise<Page>;
}

/**
 * Builds the console, and starts one browser for a test file. After each test no page may have asked another host, broken the
 * security policy, or thrown an error.
 */
export function useConsole(service: Service): Console {
  let browser: Browser;
  let offences: string[] = [];
  beforeAll(async () => {
    execFileSync(process.execPath, [join(import.meta.dirname, '../../console/build.js'), '--required']);
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
  }, 5 * MINUTE);
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const found = offences;
    offences = [];
    expect(found).toEqual([]);
  });

  const open: Console['open'] = async (path, options = {}) => {
    const context = await browser.newContext({
      ...{ locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1280, height: 900 } },
      ...options,
    });
    // Machines that run this are often busy.
    context.setDefaultTimeout(MINUTE);
    const page = await context.newPage();
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== service.origin) offences.push(`asked ${request.url()}`);
    });
    page.on('console', (message) => {
      if (/security policy|trusted/i.test(message.text())) offences.push(message.text());
    });
    page.on('pageerror', (error) => offences.push(String(error)));
    await page.goto(`${service.origin}/console${path}`);
    return page;
  };
  return {
    open,
    openAs: async (token, path, options) => {
      const page = await open(path, options);
      await signIn(page, token);
      return page;
    },
  };
}

/** Pastes a token or an API key. */
export async function signIn(page: Page, proof: string): Promise<void> {
  await page.getByLabel('Token or API key').fill(proof);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
