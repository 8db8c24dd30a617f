import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
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
  /** The same, signed in with the token by the form. */
  openAs(token: string, path: string, options?: BrowserContextOptions): Promise<Page>;
  /** A browser session that is signed in with the token, without a page yet. */
  contextOf(token: string, options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Where a console is, and whom else its pages may ask, such as the provider of the sign-in. */
export interface Place {
  origin: string;
  others?: readonly string[];
}

/**
 * Builds the console, and starts one browser for a test file. After each test no page may have asked another host, broken the
 * security policy, or thrown an error.
 */
export function useConsole(service: Service, place: () => Place = () => service): Console {
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

  const contextWith = async (options: BrowserContextOptions) => {
    const { origin, others = [] } = place();
    const context = await browser.newContext({
      ...{ locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1280, height: 900 } },
      ...options,
    });
    // Machines that run this are often busy.
    context.setDefaultTimeout(MINUTE);
    await context.addInitScript({ content: reportViolations });
    context.on('request', (request) => {
      if (![origin, ...others].some((known) => request.url().startsWith(`${known}/`)))
        offences.push(`asked ${request.url()}`);
    });
    context.on('console', (message) => {
      if (/security policy|trusted/i.test(message.text())) offences.push(message.text());
    });
    context.on('weberror', (error) => offences.push(String(error.error())));
    return context;
  };
  const open: Console['open'] = async (path, options = {}) => {
    const page = await (await contextWith(options)).newPage();
    await page.goto(`${place().origin}/console${path}`);
    return page;
  };
  return {
    open,
    openAs: async (token, path, options) => {
      const page = await open(path, options);
      await signIn(page, token);
      return page;
    },
    contextOf: async (token, options = {}) => {
      const context = await contextWith({ ...options, baseURL: place().origin });
      const headers = { origin: place().origin, 'sec-fetch-site': 'same-origin' };
      const answer = await context.request.post('/console/session', { headers, data: { token } });
      expect(answer.status()).toBe(201);
      return context;
    },
  };
}

/** Runs in each page. */
const reportViolations = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('security policy violated: ' + event.violatedDirective + ' ' + event.blockedURI))`;

/** Pastes a token or an API key. */
export async function signIn(page: Page, proof: string): Promise<void> {
  await page.getByLabel('Token or API key').fill(proof);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
