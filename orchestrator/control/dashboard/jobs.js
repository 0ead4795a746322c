// The suites that wait, run and have ended, and what can be done with each.

import {cancelSuite, runAgain} from './actions.js';
import {byId, element, reconcile, setAttribute, setText} from './dom.js';
import {count, moment} from './format.js';
import {showRun} from './runs.js';
import {isRunning, isWaiting} from './state.js';

export function renderJobs(state) {
  const jobs = state.status?.jobs ?? [];
  const waiting = jobs.filter(isWaiting);
  setText(byId('jobs-about'), waiting.length === 0 ? 'none waits' : `${count(waiting.length)} waiting`);
  reconcile(byId('jobs'), jobs, (job) => job.number, createJob,
    (row, job) => fillJob(row, job, waiting, state.status));
}

function createJob() {
  return element('li', {class: 'job'},
    element('span', {class: 'badge'}),
    element('div', {class: 'job-what'},
      element('strong'), element('p', {class: 'muted'}), element('p', {class: 'problem'})),
    element('div', {class: 'actions'}));
}

function fillJob(row, job, waiting, status) {
  const [badge, what, actions] = row.children;
  const [name, about, note] = what.children;
  setAttribute(row, 'data-state', job.state);
  setText(badge, job.state);
  setText(name, job.group);
  setText(about, aboutJob(job, waiting));
  setText(note, job.note);
  note.hidden = job.note === '';
  reconcile(actions, actionsOf(job, status), (action) => action.label, (action) =>
    element('button', {type: 'button', class: 'quiet small'}, action.label), (button, action) => {
    button.setAttribute('aria-label', `${action.label}: ${job.group}`);
    button.onclick = action.act;
  });
}

function aboutJob(job, waiting) {
  if (isWaiting(job)) {
    const before = waiting.indexOf(job);
    return `${before === 0 ? 'the next' : `${before} before it`} · submitted ${moment(job.submitted)}`;
  }
  const turns = job.turns > 0 ? `${count(job.turns_done)} of ${count(job.turns)} turns` : 'not begun';
  return `${turns} · ${isRunning(job) ? `began ${moment(job.began)}` : `ended ${moment(job.ended)}`}`;
}

function actionsOf(job, status) {
  if (isWaiting(job) || isRunning(job)) return [{label: 'Cancel', act: () => cancelSuite(job)}];
  const results = job.run ? [{label: 'Results', act: () => showRun(job.run)}] : [];
  return status.mode === 'daemon' ? [...results, {label: 'Run again', act: () => runAgain(job)}] : results;
}
