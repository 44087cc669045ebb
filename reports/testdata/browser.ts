/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, launch, type Page } from 'puppeteer-core';

export interface Opened {
  readonly page: Page;
  /** Addresses asked for, console messages, page errors and policy violations: all but the first is trouble. */
  readonly requests: string[];
  readonly troubles: string[];
  readonly url: string;
}

export interface OpenOptions {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly hasScript?: boolean;
}

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A headless Chromium that opens pages, where there is one (`CHROMIUM_PATH`, or where systems have it). */
export class TestBrowser {
  /** For pages, and whatever a test makes of them. */
  readonly directory = mkdtempSync(join(tmpdir(), 'stampede-page-'));
  readonly #browser: Browser | null;

  private constructor(browser: Browser | null) {
    this.#browser = browser;
  }

  static async open(): Promise<TestBrowser> {
    const { CHROMIUM_PATH } = process.env;
    const path = (CHROMIUM_PATH === undefined ? CHROMIUM_PATHS : [CHROMIUM_PATH]).find((path) =>
      existsSync(path),
    );
    // Over a pipe: a test that is killed takes its browser with it.
    const launched =
      path === undefined
        ? null
        : await launch({ executablePath: path, args: ['--no-sandbox'], pipe: true });
    return new TestBrowser(launched);
  }

  /** Why tests of pages are skipped; false: they are not. */
  get skip(): string | false {
    return this.#browser === null ? 'no Chromium here (set CHROMIUM_PATH)' : false;
  }

  async show(name: string, html: string, options: OpenOptions = {}): Promise<Opened> {
    const file = join(this.directory, `${name}.html`);
    writeFileSync(file, html);
    return await this.visit(pathToFileURL(file).href, options);
  }

  async visit(url: string, options: OpenOptions = {}): Promise<Opened> {
    if (this.#browser === null) throw new Error('tests without a browser are skipped');
    const page = await this.#browser.newPage();
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => troubles.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`page error: ${String(error)}`));
    await page.setJavaScriptEnabled(options.hasScript ?? true);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: options.scheme ?? 'light' }]);
    await page.setViewport({ width: options.width ?? 1280, height: 900 });
    await page.goto(url, { waitUntil: 'load' });
    return { page, requests, troubles, url };
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Waits until the element of this id says it. */
export async function untilShown(page: Page, id: string, pattern: RegExp): Promise<void> {
  await page.waitForFunction(
    (id: string, source: string) => new RegExp(source).test(document.getElementById(id)?.innerText ?? ''),
    {},
    id,
    pattern.source,
  );
}
