// Takes the README's picture of a report: node scripts/report-picture.mjs RUN_DIRECTORY OUTPUT.png
import { launch } from 'puppeteer-core';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [runDirectory, output, ...more] = process.argv.slice(2);
if (process.argv.length < 4 || more.length > 0) {
  console.error('usage: node scripts/report-picture.mjs RUN_DIRECTORY OUTPUT.png');
  process.exit(2);
}
const browser = await launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1080, height: 1180 });
  await page.goto(pathToFileURL(join(runDirectory, 'report.html')).href);
  await page.screenshot({ path: output });
} finally {
  await browser.close();
}
