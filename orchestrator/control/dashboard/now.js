// The head of the page: which suite, which contestant, how far, how long yet.

import {cancelSuite, runAgain, skipContestant} from './actions.js';
import {byId, element, reconcile, setAttribute, setText} from './dom.js';
import {count, elapsed, isKnown, moment, words} from './format.js';
import {currentContestant, isRunning, serverNow, shownJob} from './state.js';

/** The stages of a turn, and how much of the bar each takes. */
const stages = [
  {name: 'starting', width: 1},
  {name: 'probing', width: 1},
  {name: 'warm_up', width: 2},
  {name: 'measuring', width: 6},
  {name: 'stopping', width: 1},
];

export function renderNow(state, now) {
  const job = shownJob(state);
  const runs = job !== null && isRunning(job);
  const turn = job && currentContestant(job);
  renderTitle(state, job, turn);
  reconcile(byId('now-facts'), job ? factsOf(state, job, now) : [], (fact) => fact.name,
    () => element('div', {}, element('dt'), element('dd')), fillFact);
  const actions = job ? actionsOf(state, job, turn) : [];
  reconcile(byId('now-actions'), actions, (action) => `${job.number} ${action.name}`, (action) =>
    element('button', {type: 'button', class: 'quiet'}, action.label), (button, action) => {
    button.onclick = action.act;
  });
  setText(byId('now-note'), job?.note ?? '');
  byId('now-note').hidden = !job?.note;
  byId('idle').hidden = state.status === null || runs || state.status.mode === 'run';
  setText(byId('idle-commands'), commands());
  renderTurn(state, runs ? job : null, turn, now);
}

function renderTitle(state, job, turn) {
  const title = byId('now-title');
  if (job) {
    setText(title, job.group);
    setAttribute(title, 'data-state', job.state);
    const about = [job.state, job.load, job.local ? 'on this machine' : ''];
    setText(byId('now-about'), about.filter(Boolean).join(' · '));
  } else if (state.status) {
    setText(title, state.status.state === 'stopping' ? 'The daemon is ending' : 'Nothing runs');
    setText(byId('now-about'), `No suite waits. Runs are kept in ${state.status.db_root}.`);
    setAttribute(title, 'data-state', null);
  }
  let tab = 'wsbench';
  if (turn) tab = `${words(turn.state)} ${turn.name} - wsbench`;
  else if (job) tab = `${job.group} ${job.state} - wsbench`;
  if (document.title !== tab) document.title = tab;
}

function fillFact(row, fact) {
  setText(row.firstChild, fact.name);
  setText(row.lastChild, fact.value);
}

function factsOf(state, job, now) {
  const facts = [];
  if (job.turns > 0) facts.push({name: 'turns', value: `${count(job.turns_done)} of ${count(job.turns)}`});
  if (isRunning(job)) {
    facts.push({name: 'running for', value: elapsed(serverNow(state, now) - job.began)});
    if (isKnown(job.left_seconds)) {
      facts.push({name: 'time left', value: elapsed(job.left_seconds - (serverNow(state, now) - state.status.now))});
    }
  } else if (isKnown(job.ended)) {
    facts.push({name: 'ended', value: moment(job.ended)});
    if (isKnown(job.began)) facts.push({name: 'took', value: elapsed(job.ended - job.began)});
  }
  return facts;
}

function actionsOf(state, job, turn) {
  if (isRunning(job)) {
    const cancel = {name: 'cancel', label: 'Cancel suite', act: () => cancelSuite(job)};
    const skip = {name: 'skip', label: 'Skip contestant', act: () => turn && skipContestant(job, turn)};
    return turn ? [skip, cancel] : [cancel];
  }
  return state.status.mode === 'daemon' ? [{name: 'again', label: 'Run again', act: () => runAgain(job)}] : [];
}

function commands() {
  const server = location.origin;
  return `wsbench submit --server ${server} configs/small-scale.json\n` +
    `wsbench status --server ${server}\n` +
    `supervisorctl -s ${server} status`;
}

function renderTurn(state, job, turn, now) {
  byId('turn').hidden = job === null;
  if (!job) return;
  setText(byId('turn-name'), turn?.name ?? 'Between two contestants');
  const about = turn ? [turn.description || words(turn.state)] : [];
  if (turn && turn.rounds > 1 && !turn.description.includes('round')) {
    about.push(`round ${turn.round + 1} of ${turn.rounds}`);
  }
  setText(byId('turn-about'), about.join(' · '));
  const at = turn ? stages.findIndex((stage) => stage.name === turn.state) : -1;
  const done = turn ? doneOf(state, turn, now) : null;
  reconcile(byId('phases'), stages, (stage) => stage.name, createStage, (item, stage) => {
    const index = stages.indexOf(stage);
    setAttribute(item, 'aria-current', index === at ? 'step' : null);
    const isKnownShare = isKnown(done);
    setAttribute(item, 'data-part', index === at && !isKnownShare ? 'busy' : null);
    const fill = item.querySelector('.fill');
    const share = index < at ? 1 : index === at ? done ?? 1 : 0;
    fill.style.setProperty('--done', share.toFixed(4));
    const left = index === at && isKnownShare ? secondsLeft(state, now) : null;
    setText(item.querySelector('.phase-left'), left === null ? '' : `${Math.ceil(left)} s left`);
    if (stage.name === 'measuring') setAttribute(item.firstChild, 'aria-valuenow', Math.round(share * 100));
  });
}

function createStage(stage) {
  const bar = element('span', {class: 'track'}, element('span', {class: 'fill'}));
  if (stage.name === 'measuring') {
    bar.setAttribute('role', 'progressbar');
    bar.setAttribute('aria-label', 'measured, in percent');
  }
  const item = element('li', {class: 'phase'}, bar,
    element('span', {class: 'phase-name'}, words(stage.name)), ' ', element('span', {class: 'phase-left'}));
  item.style.flexGrow = stage.width;
  return item;
}

function plannedSeconds(load) {
  return {warm_up: load.warm_up_seconds, measuring: load.measuring_seconds}[load.phase] ?? null;
}

/** How much of the turn's stage is over, 0 to 1; null where nobody knows. */
function doneOf(state, turn, now) {
  const load = state.isLoading ? state.load : null;
  if (!load || load.contestant !== turn.name) return null;
  if (load.phase === 'ramp') {
    const open = load.points.at(-1)?.open ?? 0;
    return turn.state === 'warm_up' && load.requested > 0 ? Math.min(open / load.requested, 1) / 2 : null;
  }
  if (load.phase !== turn.state) return load.phase === 'drain' || load.phase === 'close' ? 1 : null;
  const seconds = plannedSeconds(load);
  if (!seconds) return null;
  const share = Math.min(Math.max((serverNow(state, now) - load.phase_began) / seconds, 0), 1);
  return load.phase === 'warm_up' ? 0.5 + share / 2 : share;
}

function secondsLeft(state, now) {
  const seconds = plannedSeconds(state.load);
  return seconds ? Math.max(seconds - (serverNow(state, now) - state.load.phase_began), 0) : null;
}
