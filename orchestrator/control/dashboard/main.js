// The dashboard's beginning: the feed changes the state, and every part draws itself from the state.

import {forgetColours, renderCharts} from './charts.js';
import {byId, oncePerFrame, setAttribute, setText} from './dom.js';
import {Feed} from './feed.js';
import {moment} from './format.js';
import {renderJobs} from './jobs.js';
import {renderLog, startLog} from './log.js';
import {renderNow} from './now.js';
import {RankedTable} from './ranked_table.js';
import {isClosedLoop, rowsOfJob} from './ranking.js';
import {renderRuns, startRuns} from './runs.js';
import {createState, isRunning, receive, shownJob} from './state.js';
import {renderSubmit, startSubmit} from './submit.js';
import {renderTimeline} from './timeline.js';

const state = createState();
const seconds = () => Date.now() / 1000;
let resultsTable = null;

const draw = oncePerFrame(() => {
  renderConnection();
  renderNow(state, seconds());
  renderTimeline(state, seconds());
  renderCharts(state);
  renderResults();
  renderJobs(state);
  renderLog(state);
  renderRuns(state);
  renderSubmit(state);
});

function renderConnection() {
  const {name, until} = state.connection;
  const left = Math.max(Math.ceil((until - Date.now()) / 1000), 1);
  const text = {connecting: 'Connecting…', open: 'Live', waiting: `Connection lost, again in ${left} s`}[name];
  const label = byId('connection');
  setText(label, text);
  setAttribute(label, 'data-state', name);
  const isOld = state.heard !== null && name !== 'open';
  setAttribute(label, 'title', isOld ? `What you see is of ${moment(state.heard)}` : null);
  byId('reconnect').hidden = name !== 'waiting';
  document.body.classList.toggle('stale', name !== 'open' && state.status !== null);
  setAttribute(byId('main'), 'aria-busy', state.status === null ? 'true' : null);
  if (state.status) setText(byId('about'), `${state.status.version} · pid ${state.status.pid}`);
}

function renderResults() {
  const job = shownJob(state);
  const rows = job ? rowsOfJob(job) : [];
  byId('results').hidden = rows.length === 0;
  if (rows.length === 0) return;
  resultsTable ??= new RankedTable(byId('results-table'), 'Contestants that have ended');
  const criterion = isClosedLoop(job) ? 'messages/s' : 'latency p99';
  const hasRounds = job.contestants.some((contestant) => contestant.rounds > 1);
  const which = hasRounds ? ' of the latest round' : '';
  setText(byId('results-about'), `by ${criterion}${which}${isRunning(job) ? ', so far' : ''}`);
  resultsTable.render(rows);
}

function startTheme() {
  const root = document.documentElement;
  const button = byId('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    button.setAttribute('aria-label', isDark() ? 'Use the light theme' : 'Use the dark theme');
    button.title = button.getAttribute('aria-label');
    forgetColours();
    draw();
  };
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', root.dataset.theme);
    } catch {
      // Not remembered then.
    }
    show();
  });
  system.addEventListener('change', show);
  show();
}

function startFeed() {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const feed = new Feed(`${scheme}//${location.host}/ws`,
    (message) => {
      receive(state, message, seconds());
      draw();
    },
    (connection) => {
      state.connection = connection;
      draw();
    });
  feed.start();
  byId('reconnect').addEventListener('click', () => feed.wake());
  window.addEventListener('online', () => feed.renew());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) feed.wake();
  });
}

startTheme();
startLog();
startRuns();
startSubmit();
startFeed();
setInterval(draw, 1000);  // clocks go on between messages
