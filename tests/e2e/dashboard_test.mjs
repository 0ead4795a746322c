// Clicks through the dashboard of a real daemon in a real browser.
//
// usage: node dashboard_test.mjs WSBENCH-PROGRAM
//
// Ends with 77 when Chromium or playwright-core is not installed.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Daemon, findBrowser, limitTime, openBrowser, temporaryFolder} from './dashboard_bench.mjs';

const program = process.argv[2];
if (!program) {
  console.error('usage: node dashboard_test.mjs WSBENCH-PROGRAM');
  process.exit(2);
}

const desktop = {width: 1280, height: 900};
const phone = {width: 390, height: 844};
const contestants = ['cpp-websocketpp', 'python-websockets'];
const suite = {
  host: '127.0.0.1', db_root: 'runs', servers: contestants, clients: 20, seconds: 3, interval_ms: 50,
  calibrate: false, accept_invalid: true,
};
const suiteLimit = 90000;

const chromium = await findBrowser();
limitTime(280000);
const folder = temporaryFolder();
const daemon = new Daemon(program, folder);
let context;
let page;
const requests = new Set();
const complaints = [];
/** What the browser itself writes to the console about answers that a step brings about. */
let expected = null;

before(async () => {
  await daemon.start();
  ({context, page} = await openBrowser(chromium, folder, {viewport: desktop, colorScheme: 'light'}));
  page.setDefaultTimeout(15000);
  page.on('request', (request) => requests.add(new URL(request.url()).origin));
  page.on('websocket', (socket) => requests.add(new URL(socket.url().replace(/^ws/, 'http')).origin));
  page.on('pageerror', (error) => complaints.push(error.stack));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) complaints.push(message.text());
  });
  await page.goto(daemon.url);
});

after(async () => {
  await context?.close();
  await daemon.stop();
});

let hasFailed = false;

/** The steps are one story: after one that fails, the others would only fail by it. */
function step(name, act) {
  test(name, async (self) => {
    if (hasFailed) {
      self.skip('an earlier step failed');
      return;
    }
    try {
      await act();
    } catch (error) {
      hasFailed = true;
      console.error(`The page says:\n${await page.innerText('body')}\nThe daemon says:\n${daemon.log()}`);
      throw error;
    }
  });
}

/** Waits until the text that `selector` shows matches. */
async function shows(selector, pattern, timeout = 15000) {
  await page.locator(selector).filter({hasText: pattern}).first().waitFor({timeout});
}

async function submit(name, config, overrides = '') {
  await page.click('#new-suite');
  await page.fill('#submit-name', name);
  await page.fill('#submit-config', typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  await page.fill('#submit-overrides', overrides);
  await page.check('#submit-local');
  await page.click('#submit-send');
}

async function submitted(name, config, overrides) {
  await submit(name, config, overrides);
  await page.locator('#submit').waitFor({state: 'hidden'});
}

async function answer(question, choice) {
  await shows('#confirm-title', question);
  await page.click(`#confirm >> text=${choice}`);
  await page.locator('#confirm').waitFor({state: 'hidden'});
}

const job = (group) => page.locator('#jobs > li').filter({has: page.locator('strong', {hasText: new RegExp(`^${group}$`)})});
const jobState = (group, state) => job(group).locator('.badge', {hasText: state}).waitFor({timeout: suiteLimit});

/** By how many pixels the page is wider than what shows it. */
function overflow() {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** How many pixels of a chart have the colour of one of its lines. */
function colouredPixels(chart) {
  return chart.locator('canvas').first().evaluate((canvas, style) => {
    const probe = document.createElement('span');
    document.body.append(probe);
    probe.style.color = `var(${style})`;
    const [red, green, blue] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
    probe.remove();
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      const distance = Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) + Math.abs(data[i + 2] - blue);
      if (data[i + 3] > 200 && distance < 12) found += 1;
    }
    return found;
  }, '--series-2');
}

step('an idle dashboard tells what to type', async () => {
  await shows('#connection', /^Live$/);
  await shows('#idle-commands', `wsbench submit --server ${daemon.url}`);
  assert.equal(await page.locator('#charts').isVisible(), false);
});

step('a config that is wrong has its findings shown, a line each', async () => {
  expected = /status of 400/;
  await submit('wrong', '{"host": "127.0.0.1", "db_root": "runs", "clint": 3,\n "seconds": -1}');
  await shows('#submit-problem li', /did you mean "clients"/);
  await shows('#submit-problem li', /seconds/);
  expected = null;
  await page.fill('#submit-overrides', 'nonsense');
  await page.click('#submit-send');
  await shows('#submit-problem li', 'overrides, line 1: "nonsense" is not key=value');
  await page.click('#submit-close');
});

step('a suite that is submitted is seen to run, contestant by contestant', async () => {
  await submitted('trial', suite, 'seconds=4');
  await shows('#now-title', /^trial$/);
  await shows('#now-about', /4 s/);
  assert.deepEqual(await page.locator('.segment-name').allInnerTexts(), contestants);
  await shows('.phase[aria-current]', 'measuring', suiteLimit);
  await page.locator('.chart').first().locator('dd', {hasText: /\d (us|ms)/}).first().waitFor({timeout: suiteLimit});
  await shows('.segment[data-state="active"]', contestants[1], suiteLimit);
  await shows('#results tbody tr', contestants[0]);
  await jobState('trial', 'complete');
  assert.equal(await page.locator('#results tbody tr').count(), 2);
  for (const name of contestants) {
    assert.match(await page.locator('#results tbody tr', {hasText: name}).innerText(), /\d (us|ms)[^]*1,600/);
  }
  await shows('#log', 'trial');
});

step('the charts are drawn', async () => {
  for (const title of ['Latency', 'Messages/s', 'CPU']) {
    const chart = page.locator('.chart', {has: page.locator('h3', {hasText: title})});
    assert.ok(await colouredPixels(chart) > 20, `${title}: no line`);
    assert.match(await chart.locator('.canvas').getAttribute('aria-label'), new RegExp(`^${title}: `));
  }
});

step('pointing at a chart, or the arrow keys, tell the values of that second in all of them', async () => {
  await page.locator('.canvas').first().hover();
  assert.equal(await page.locator('.cross:not([hidden])').count(), 5);
  await page.mouse.move(0, 0);
  await page.locator('.cross:not([hidden])').first().waitFor({state: 'detached'});
  await page.locator('.canvas').nth(1).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('.cross:not([hidden])').count(), 5);
  await page.keyboard.press('Tab');
});

step('the table is sorted by the column that is clicked', async () => {
  const names = () => page.locator('#results tbody th').allInnerTexts();
  const header = page.locator('#results thead button', {hasText: /^contestant$/});
  await header.click();
  assert.deepEqual(await names(), [...contestants].sort());
  await header.click();
  assert.deepEqual(await names(), [...contestants].sort().reverse());
  assert.equal(await page.locator('#results [aria-sort]').getAttribute('aria-sort'), 'descending');
});

step('a contestant is skipped, and a suite in the queue and one that runs are cancelled, each after a question', async () => {
  await submitted('long', suite, 'seconds=60');
  await submitted('after', suite);
  await jobState('after', 'queued');
  await shows('#turn-name', contestants[0], suiteLimit);
  await page.click('text=Skip contestant');
  await answer(`Skip ${contestants[0]}?`, 'Skip it');
  await shows('.segment', /skipped|cancelled/, suiteLimit);
  await shows('.segment[data-state="active"]', contestants[1], suiteLimit);

  await job('after').getByRole('button', {name: 'Cancel: after'}).click();
  await answer('Cancel after?', 'Keep as it is');
  await jobState('after', 'queued');
  await job('after').getByRole('button', {name: 'Cancel: after'}).click();
  await answer('Cancel after?', 'Cancel the suite');
  await job('after').locator('.badge', {hasText: 'queued'}).waitFor({state: 'detached'});

  await page.click('text=Cancel suite');
  await page.keyboard.press('Escape');
  await jobState('long', 'running');
  await page.click('text=Cancel suite');
  await answer('Cancel long?', 'Cancel the suite');
  await jobState('long', 'cancelled');
});

step('a suite that has ended runs again', async () => {
  await job('trial').getByRole('button', {name: /^Run again/}).click();
  await answer('Run trial again?', 'Run again');
  await shows('#now-title', /^trial/);
  await shows('.phase[aria-current]', 'measuring', suiteLimit);
  await page.click('text=Cancel suite');
  await answer(/Cancel trial.*\?/, 'Cancel the suite');
  await shows('#now-about', /^cancelled/, suiteLimit);
});

step('a past run shows its ranked table', async () => {
  const runs = page.locator('#runs tr', {hasText: 'trial'}).filter({hasText: 'complete'});
  await runs.last().locator('a').click();
  await shows('#run-title', /^trial-/);
  await page.locator('#run-table tbody tr').nth(1).waitFor();
  assert.deepEqual((await page.locator('#run-table tbody th').allInnerTexts()).sort(), contestants);
  await shows('#run-about', '20 clients');
  const report = await page.locator('#run-links a').first().getAttribute('href');
  assert.match(await (await fetch(new URL(report, daemon.url))).text(), /rank +contestant/);
  await page.keyboard.press('Escape');
  await page.locator('#run').waitFor({state: 'hidden'});
  assert.equal(new URL(page.url()).hash, '');
});

step('dark follows the system, and a theme that is chosen is remembered', async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]);
  assert.ok(await background() > 200);
  await page.emulateMedia({colorScheme: 'dark'});
  assert.ok(await background() < 50);
  await page.click('#theme');
  assert.ok(await background() > 200);
  await page.reload();
  assert.ok(await background() > 200);
  await page.click('#theme');
  assert.ok(await background() < 50);
});

step('nothing is wider than a phone', async () => {
  await page.setViewportSize(phone);
  await shows('#connection', /^Live$/);
  assert.equal(await overflow(), 0);
  await page.click('#new-suite');
  assert.equal(await overflow(), 0);
  await page.keyboard.press('Escape');
});

step('a daemon that is restarted is found again', async () => {
  expected = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_INCOMPLETE_CHUNKED/;
  await daemon.stop();
  await shows('#connection', /^(Connection lost|Connecting)/);
  await page.locator('body.stale').waitFor();
  await shows('#connection', /^Connection lost, again in \d+ s$/);
  assert.equal(await overflow(), 0);
  await daemon.start();
  await shows('#connection', /^Live$/, 30000);
  await page.locator('body:not(.stale)').waitFor();
  await shows('#runs', 'trial');
  await page.setViewportSize(desktop);
  expected = null;
});

step('the page asked nobody but its own server, and the browser had nothing to complain of', () => {
  assert.deepEqual([...requests], [daemon.url]);
  assert.deepEqual(complaints, []);
});
