// Takes docs/dashboard.png: the dashboard of a real daemon while it measures the smoke suite.
//
// usage: node tests/tools/screenshot.mjs WSBENCH-PROGRAM OUTPUT.png [light | dark]
//
// Reduced to a palette by pngquant where that is installed, so that the README stays light.

import {spawnSync} from 'node:child_process';
import {readFileSync, renameSync, statSync} from 'node:fs';
import path from 'node:path';

import {Daemon, findBrowser, limitTime, openBrowser, source, temporaryFolder} from '../e2e/dashboard_bench.mjs';

const [program, output, colorScheme = 'light'] = process.argv.slice(2);
if (!output) {
  console.error('usage: node tests/tools/screenshot.mjs WSBENCH-PROGRAM OUTPUT.png [light | dark]');
  process.exit(2);
}

const contestantsBefore = 4;  // that have a row in the table
const latePoint = /1[0-9] s in, measuring/;  // in the load that is being measured

const chromium = await findBrowser();
limitTime(300000);
const folder = temporaryFolder();
const daemon = new Daemon(program, folder);
await daemon.start();
const {context, page} = await openBrowser(chromium, folder, {viewport: {width: 1200, height: 1000}, colorScheme});
await page.goto(daemon.url);
const config = readFileSync(path.join(source, 'configs/smoke.json'), 'utf8');
for (const [name, overrides] of [['smoke', [['clients', '500'], ['seconds', '15']]], ['small-scale', []]]) {
  const answer = await fetch(new URL('/api/suites', daemon.url), {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({name, config, overrides, local: true}),
  });
  if (!answer.ok) throw new Error(`${name} is not taken: ${await answer.text()}`);
}
await page.locator('#results tbody tr').nth(contestantsBefore - 1).waitFor({timeout: 240000});
await page.locator('#charts-title', {hasText: latePoint}).waitFor({timeout: 60000});
const end = await page.locator('#results').evaluate((results) => results.getBoundingClientRect().bottom + scrollY);
await page.screenshot({path: output, fullPage: true, clip: {x: 0, y: 0, width: 1200, height: Math.ceil(end) + 16}});
await context.close();
await daemon.stop();

const reduced = spawnSync('pngquant', ['--quality=70-95', '--speed=1', '--strip', '--force', '--output', `${output}.new`, output]);
if (reduced.status === 0) renameSync(`${output}.new`, output);
console.log(`${output}: ${Math.ceil(statSync(output).size / 1000)} KB`);
