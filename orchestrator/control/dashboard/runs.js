// Past runs: their list, and the ranked table of one.

import {listRuns, readRun} from './actions.js';
import {byId, element, reconcile, setText} from './dom.js';
import {bytes, count, moment} from './format.js';
import {RankedTable} from './ranked_table.js';
import {rowsOfResults} from './ranking.js';

let table = null;
let seen = null;
let asked = 0;

export function startRuns() {
  byId('runs-refresh').addEventListener('click', refreshRuns);
  byId('run').addEventListener('close', () => {
    asked += 1;
    if (location.hash.startsWith('#run/')) history.replaceState(null, '', location.pathname);
  });
  window.addEventListener('hashchange', showRunOfAddress);
  showRunOfAddress();
}

/** Reads the list again when a suite has begun or ended, or the server is another. */
export function renderRuns(state) {
  if (!state.status) return;
  const shape = [state.status.started, ...state.status.jobs.map((job) => `${job.run} ${job.state}`)].join();
  if (shape === seen) return;
  seen = shape;
  refreshRuns();
}

async function refreshRuns() {
  const answer = await listRuns();
  const problem = byId('runs-problem');
  problem.hidden = answer.ok;
  if (!answer.ok) {
    setText(problem, `The list of runs cannot be read: ${answer.message}`);
    return;
  }
  byId('runs-empty').hidden = answer.data.length > 0;
  reconcile(byId('runs'), answer.data, (run) => run.run, createRun, fillRun);
}

function createRun() {
  return element('tr', {}, element('th', {scope: 'row'}, element('a')), element('td'), element('td'),
    element('td', {class: 'number'}), element('td', {class: 'number'}));
}

function fillRun(line, run) {
  const [name, began, state, contestants, size] = line.children;
  setText(name.firstChild, run.run);
  name.firstChild.href = addressOf(run.run);
  setText(began, moment(run.began));
  setText(state, run.state);
  setText(contestants, count(run.contestants));
  setText(size, bytes(run.bytes));
}

function addressOf(run) {
  return `#run/${encodeURIComponent(run)}`;
}

/** Opens a run's sheet; its address can be passed on. */
export function showRun(run) {
  location.hash = addressOf(run);
}

async function showRunOfAddress() {
  const sheet = byId('run');
  if (!location.hash.startsWith('#run/')) {
    if (sheet.open) sheet.close();
    return;
  }
  let run = location.hash.slice('#run/'.length);
  try {
    run = decodeURIComponent(run);
  } catch {
    // Typed by hand: the server will say that there is no such run.
  }
  clearSheet(run);
  if (!sheet.open) sheet.showModal();
  const mine = ++asked;
  const answer = await readRun(run);
  if (mine === asked) fillSheet(run, answer);
}

function clearSheet(run) {
  table ??= new RankedTable(byId('run-table'), 'Ranking of the run');
  setText(byId('run-title'), run);
  byId('run-problem').hidden = true;
  byId('run-about').replaceChildren();
  byId('run-links').replaceChildren();
  table.render([]);
}

function fillSheet(run, answer) {
  if (!answer.ok || !Array.isArray(answer.data?.ranking)) {
    setText(byId('run-problem'), answer.ok ? 'This run has no results that can be read.' : answer.message);
    byId('run-problem').hidden = false;
    return;
  }
  const results = answer.data;
  byId('run-about').replaceChildren(...aboutRun(results).flatMap(([name, text]) =>
    (text ? [element('div', {}, element('dt', {}, name), element('dd', {}, text))] : [])));
  table.render(rowsOfResults(results));
  const path = encodeURIComponent(run);
  byId('run-links').replaceChildren(
    element('a', {href: `/api/runs/${path}/report`}, 'Report as text'), ' ',
    element('a', {href: `/runs/${path}/results.json`}, 'results.json'));
}

function aboutRun(results) {
  const machine = (found) => (found?.cpus ? `${count(found.cpus)} x ${found.cpu_model}, ${found.os}` : '');
  return [
    ['state', results.complete ? 'complete' : 'unfinished'],
    ['load', results.load],
    ['ranked by', results.ranked_by],
    [results.same_machine ? 'one machine' : 'client', machine(results.client_machine)],
    ['contestants', results.same_machine ? results.pinning : machine(results.server_machine)],
  ];
}
