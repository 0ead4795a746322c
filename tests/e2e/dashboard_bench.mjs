// A daemon of one's own and a browser that looks at its dashboard, for tests and for screenshots.

import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const chromiumProgram = '/usr/bin/chromium';
const chromiumArguments = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const startLimit = 20000;
const endLimit = 15000;

export const source = fileURLToPath(new URL('../..', import.meta.url));

/** playwright-core's Chromium; ends the program as skipped (77) where it or the browser is not installed. */
export async function findBrowser() {
  if (!existsSync(chromiumProgram)) skip(`no ${chromiumProgram}: apt-get install chromium`);
  try {
    return (await import('playwright-core')).chromium;
  } catch {
    return skip('no playwright-core: npm ci --ignore-scripts --prefix tests/e2e');
  }
}

function skip(reason) {
  console.error(`skipped: ${reason}`);
  process.exit(77);
}

/** A folder that is deleted with everything in it when the program ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'wsbench-dashboard-'));
  process.on('exit', () => rmSync(folder, {recursive: true, force: true, maxRetries: 5}));
  return folder;
}

/** Ends the program, and with it what it has started, when it takes longer than that. */
export function limitTime(ms) {
  setTimeout(() => {
    console.error(`not done within ${ms / 1000} s`);
    process.exit(1);
  }, ms).unref();
}

/**
 * `wsbench daemon` on loopback, on a port that is free at its first start, and that one afterwards. It does not
 * outlive this program.
 */
export class Daemon {
  url = '';
  #program;
  #config;
  #settings;
  #child = null;
  #log = '';

  constructor(program, folder) {
    this.#program = program;
    this.#config = path.join(folder, 'daemon.json');
    this.#settings = {db_root: path.join(folder, 'runs'), listen: '127.0.0.1:0', local: true};
    process.on('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** Resolves when it listens. */
  async start() {
    writeFileSync(this.#config, JSON.stringify(this.#settings));
    // The repository is where a local supervisord finds the contestants.
    this.#child = spawn(this.#program, ['daemon', this.#config], {cwd: source, stdio: ['ignore', 'ignore', 'pipe']});
    this.#child.stderr.setEncoding('utf8');
    this.url = await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${this.#program} daemon ${why}:\n${this.#log}`));
      const timer = setTimeout(fail, startLimit, 'does not listen');
      this.#child.on('error', (error) => fail(error.message));
      this.#child.on('exit', (code) => fail(`ended with ${code}`));
      this.#child.stderr.on('data', (text) => {
        this.#log = (this.#log + text).slice(-20000);
        const found = /listening at (http:\/\/[^\s/]+)/.exec(this.#log);
        if (!found) return;
        clearTimeout(timer);
        resolve(found[1]);
      });
    });
    this.#settings.listen = new URL(this.url).host;
  }

  /** SIGTERM, and SIGKILL to one that does not end in time. */
  async stop() {
    const child = this.#child;
    this.#child = null;
    this.#log = '';
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const timer = setTimeout(() => child.kill('SIGKILL'), endLimit);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }

  log() {
    return this.#log;
  }
}

/** A browser with an empty profile in `folder` and one page. `options`: playwright's, of the context. */
export async function openBrowser(chromium, folder, options) {
  const context = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: chromiumProgram, args: chromiumArguments, headless: true, ...options,
  });
  return {context, page: context.pages()[0] ?? await context.newPage()};
}
