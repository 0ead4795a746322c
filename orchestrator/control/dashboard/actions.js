// What the page can ask of the server, and the question before everything that cannot be taken back.

import {byId, setText} from './dom.js';

const answerLimit = 60000;

/**
 * Asks /api. Resolves to {ok: true, data} or {ok: false, message, findings}: never rejects. `findings` are the
 * lines that the server found wrong with a config, else empty.
 */
export async function ask(method, path, body) {
  try {
    const answer = await fetch(path, {
      method,
      headers: method === 'POST' ? {'Content-Type': 'application/json'} : {},
      body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
      signal: AbortSignal.timeout(answerLimit),
    });
    const text = await answer.text();
    const data = parsed(text);
    if (answer.ok) return {ok: true, data};
    const message = data?.error ?? (text.slice(0, 500) || `the server answered ${answer.status}`);
    return {ok: false, message, findings: data?.findings ?? []};
  } catch (error) {
    const message = error.name === 'TimeoutError' ? `no answer within ${answerLimit / 1000} s` :
      'the server cannot be reached';
    return {ok: false, message, findings: []};
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const suitePath = (group) => `/api/suites/${encodeURIComponent(group)}`;

export const submitSuite = (submission) => ask('POST', '/api/suites', submission);
export const listRuns = () => ask('GET', '/api/runs');
export const readRun = (run) => ask('GET', `/api/runs/${encodeURIComponent(run)}`);

export function cancelSuite(job) {
  confirmed({
    title: `Cancel ${job.group}?`,
    text: job.state === 'running' ?
      'The contestant that is being measured is stopped; what has been measured already is kept.' :
      'It leaves the queue without having run.',
    action: 'Cancel the suite',
    isGrave: true,
    act: () => ask('POST', `${suitePath(job.group)}/cancel`),
  });
}

export function skipContestant(job, contestant) {
  confirmed({
    title: `Skip ${contestant.name}?`,
    text: `${job.group} goes on with the next contestant.`,
    action: 'Skip it',
    isGrave: true,
    act: () => ask('POST', `${suitePath(job.group)}/contestants/${encodeURIComponent(contestant.name)}/skip`),
  });
}

export function runAgain(job) {
  confirmed({
    title: `Run ${job.suite} again?`,
    text: job.state === 'failed'
      ? 'It goes on where it was broken off, from the end of the queue.'
      : 'The same suite, as it was submitted, goes to the end of the queue.',
    action: 'Run again',
    act: () => ask('POST', `${suitePath(job.group)}/again`),
  });
}

/** Asks in a dialog, acts, and stays open with the reason when that fails. */
function confirmed({title, text, action, isGrave = false, act}) {
  const dialog = byId('confirm');
  const yes = byId('confirm-yes');
  const problem = byId('confirm-problem');
  setText(byId('confirm-title'), title);
  setText(byId('confirm-text'), text);
  setText(yes, action);
  yes.classList.toggle('grave', isGrave);
  yes.disabled = false;
  problem.hidden = true;
  const answerYes = async () => {
    yes.disabled = true;
    const answer = await act();
    if (yes.onclick !== answerYes) return;  // meanwhile another question is asked
    yes.disabled = false;
    if (answer.ok) {
      dialog.close();
      return;
    }
    setText(problem, answer.message);
    problem.hidden = false;
  };
  yes.onclick = answerYes;
  byId('confirm-no').onclick = () => dialog.close();
  dialog.showModal();
  byId('confirm-no').focus();
}
