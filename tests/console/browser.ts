import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { MINUTE } from '../../src/time.ts';
import type { Service } from '../support/service/service.ts';

const program = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();

/** Whether there is a browser. */
export const hasChromium: boolean = program !== '';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

/** The rules of accessibility (WCAG 2.2 AA and good practice) that a page breaks, with the elements. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe;
    const { violations } = await run.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    );
  });
}

interface AxeResults {
  violations: { id: string; nodes: { target: string[] }[] }[];
}
