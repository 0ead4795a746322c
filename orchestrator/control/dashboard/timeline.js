// The contestants of the suite in their order: a segment each, with its state and time.

import {skipContestant} from './actions.js';
import {byId, element, reconcile, setAttribute, setText} from './dom.js';
import {duration, isKnown, shortElapsed, words} from './format.js';
import {hasEnded, isActive, isRunning, serverNow, shownJob} from './state.js';

export function renderTimeline(state, now) {
  const job = shownJob(state);
  const list = byId('timeline');
  list.hidden = job === null;
  reconcile(list, job?.contestants ?? [], (contestant) => `${job.number} ${contestant.name}`, createSegment,
    (item, contestant) => fillSegment(item, job, contestant, serverNow(state, now)));
}

function createSegment() {
  return element('li', {class: 'segment'},
    element('span', {class: 'segment-bar', 'aria-hidden': 'true'}),
    element('span', {class: 'segment-name'}),
    element('span', {class: 'segment-state'}),
    element('span', {class: 'segment-time'}),
    element('button', {class: 'skip', type: 'button'}, 'Skip'));
}

function fillSegment(item, job, contestant, serverTime) {
  const [bar, name, state, time, skip] = item.children;
  setAttribute(item, 'data-state', shade(contestant));
  setAttribute(item, 'title', contestant.error || contestant.description || null);
  const hasBegun = contestant.state !== 'pending';
  bar.style.setProperty('--before', contestant.round / contestant.rounds);
  bar.style.setProperty('--until', (contestant.round + Number(hasBegun)) / contestant.rounds);
  setText(name, contestant.name);
  setText(state, stateText(contestant));
  setText(time, timeText(contestant, serverTime));
  const canSkip = isRunning(job) && !hasEnded(contestant) && !isActive(contestant);
  skip.hidden = !canSkip;
  setAttribute(skip, 'aria-label', `Skip ${contestant.name}`);
  skip.onclick = () => skipContestant(job, contestant);
}

/** One of: pending, active, completed, invalid, failed, passed. */
function shade(contestant) {
  if (isActive(contestant)) return 'active';
  if (contestant.state === 'completed') return contestant.result?.valid === false ? 'invalid' : 'completed';
  if (contestant.state === 'failed') return 'failed';
  return hasEnded(contestant) ? 'passed' : 'pending';
}

function stateText(contestant) {
  const parts = [words(contestant.state)];
  if (contestant.state === 'completed' && isKnown(contestant.result?.p99_ns)) {
    parts[0] = `p99 ${duration(contestant.result.p99_ns)}`;
  }
  if (shade(contestant) === 'invalid') parts.push('invalid');
  if (contestant.rounds > 1 && contestant.state !== 'pending') {
    parts.push(`${contestant.round + 1}/${contestant.rounds}`);
  }
  return parts.join(', ');
}

function timeText(contestant, serverTime) {
  if (!isKnown(contestant.began)) return '';
  if (isKnown(contestant.ended)) return shortElapsed(contestant.ended - contestant.began);
  return isActive(contestant) ? shortElapsed(serverTime - contestant.began) : '';
}
