import assert from 'node:assert/strict';
import test from 'node:test';

import {rowsOfJob, rowsOfResults} from '../../../../orchestrator/control/dashboard/ranking.js';
import {createState, receive, serverNow, shownJob} from '../../../../orchestrator/control/dashboard/state.js';
import {parseOverrides} from '../../../../orchestrator/control/dashboard/submit.js';

const status = (more = {}) => ({now: 1000, jobs: [], live: null, ...more});
const live = (more = {}) => ({group: 'smoke', contestant: 'a', round: 0, phase: 'ramp', measuring_seconds: 5, ...more});
const point = (t, more = {}) =>
  ({type: 'point', group: 'smoke', contestant: 'a', round: 0, phase: 'measuring', phase_began: 1, point: {t}, ...more});

function told(...messages) {
  const state = createState();
  for (const message of messages) receive(state, message, 900);
  return state;
}

const times = (state) => state.load.points.map(({t}) => t);

test('the clock of the server is told by its status', () => {
  assert.equal(serverNow(told({type: 'hello', status: status(), log: []}), 905), 1005);
});

test('points are gathered, and one that comes twice is kept once', () => {
  const state = told({type: 'hello', status: status({live: live({points: [{t: 1}, {t: 2}]})}), log: []}, point(2), point(3));
  assert.deepEqual(times(state), [1, 2, 3]);
  assert.equal(state.load.measuring_seconds, 5);
  assert.equal(state.load.phase, 'measuring');
});

test('a status without points keeps those of the same load', () => {
  const state = told(point(1), {type: 'status', status: status({live: live()})});
  assert.deepEqual(times(state), [1]);
  receive(state, {type: 'status', status: status({live: live({contestant: 'b'})})}, 900);
  assert.deepEqual(times(state), []);
});

test('the next round of a contestant is another load', () => {
  assert.deepEqual(times(told(point(7), point(1, {round: 1}))), [1]);
});

test('between two loads the last one stays', () => {
  const state = told(point(1), {type: 'status', status: status()});
  assert.equal(state.isLoading, false);
  assert.deepEqual(times(state), [1]);
});

test('the log keeps its last 500 lines, and a hello replaces it', () => {
  const lines = Array.from({length: 499}, (_, i) => `line ${i}`);
  const state = told({type: 'hello', status: status(), log: lines}, {type: 'log', lines: ['a', 'b']});
  assert.equal(state.log.length, 500);
  assert.deepEqual([state.log[0], ...state.log.slice(-2)], ['line 1', 'a', 'b']);
  receive(state, {type: 'hello', status: status(), log: ['new']}, 900);
  assert.deepEqual(state.log, ['new']);
});

test('a message of a kind that a newer server may send changes nothing', () => {
  assert.equal(told({type: 'weather'}).status, null);
});

test('the page is about the suite that runs, else the one that ended last', () => {
  const jobs = [{group: 'waits', state: 'queued'}, {group: 'over', state: 'complete'}, {group: 'before', state: 'failed'}];
  assert.equal(shownJob(told({type: 'status', status: status({jobs})})).group, 'over');
  const running = [{group: 'runs', state: 'running'}, ...jobs];
  assert.equal(shownJob(told({type: 'status', status: status({jobs: running})})).group, 'runs');
  assert.equal(shownJob(createState()), null);
});

const result = (more) => ({
  p50_ns: 1, p99_ns: 5, requested: 10, established: 10, sent: 100, received: 100, lost: 0, message_rate: 20, valid: true,
  ...more,
});
const contestant = (name, more = {}) => ({name, state: 'completed', error: '', result: result(more)});
const ranks = (rows) => rows.map(({contestant: name, rank}) => [name, rank]);

test('ended contestants are ranked by p99, those that lost load after those that held it', () => {
  const job = {load: 'open loop, 10 clients', contestants: [
    contestant('lossy', {p99_ns: 1, received: 99, lost: 1}), contestant('slow', {p99_ns: 9}), contestant('fast'),
    contestant('invalid', {p99_ns: 1, valid: false}), {name: 'broken', state: 'failed', error: 'exited', result: null},
    {name: 'waits', state: 'pending', error: '', result: null}, {name: 'passed', state: 'skipped', error: '', result: null}]};
  assert.deepEqual(ranks(rowsOfJob(job)), [['fast', 1], ['slow', 2], ['lossy', 3], ['invalid', null], ['broken', null]]);
});

test('a closed loop is ranked by messages a second', () => {
  const job = {load: 'closed loop, 10 clients', contestants: [contestant('a'), contestant('b', {message_rate: 30, p99_ns: 50})]};
  assert.deepEqual(ranks(rowsOfJob(job)), [['b', 1], ['a', 2]]);
});

test('a p99 among lost messages comes last', () => {
  const job = {load: 'open loop', contestants: [contestant('lost', {p99_ns: null, lost: 50, received: 50}), contestant('a')]};
  const rows = rowsOfJob(job);
  assert.deepEqual(ranks(rows), [['a', 1], ['lost', 2]]);
  assert.ok(rows[1].isLost);
});

test('the ranking of a run is shown as it stands, shared ranks as such', () => {
  const standing = (name, rank, requested = 10) =>
    ({contestant: name, rank, requested, state: 'completed', lost: 0, sent: 5, received: 5, note: '', latency_p99_ns: 1});
  const rows = rowsOfResults({ranking: [standing('a', 1), standing('b', 1), standing('c', 3), standing('d', null, 0)]});
  assert.deepEqual(ranks(rows), [['a', 1], ['b', 1], ['c', 3], ['d', null]]);
  assert.deepEqual(rows.map(({isShared}) => isShared), [true, true, false, false]);
  assert.equal(rows[3].outcome, 'invalid');
  assert.equal(rows[3].sent, null, 'nothing was measured, which is not the same as none');
});

test('overrides are key=value lines; a value may hold another =', () => {
  assert.deepEqual(parseOverrides('clients=50\n\n supervisord = {"a": "b=c"} \nnonsense\n=1'), {
    overrides: [['clients', '50'], ['supervisord', '{"a": "b=c"}']],
    wrong: ['overrides, line 4: "nonsense" is not key=value', 'overrides, line 5: "=1" is not key=value'],
  });
});
