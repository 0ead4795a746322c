import assert from 'node:assert/strict';
import test from 'node:test';

import {Feed} from '../../../../orchestrator/control/dashboard/feed.js';

/** A browser whose clock is moved by hand, and whose sockets do what the test says. */
class World {
  time = 0;
  sockets = [];
  #timers = new Map();
  #lastTimer = 0;

  open = () => {
    const socket = {isClosed: false, close() { this.isClosed = true; }};
    this.sockets.push(socket);
    return socket;
  };
  now = () => this.time;
  random = () => 1;
  later = (call, ms) => {
    this.#timers.set(++this.#lastTimer, {call, due: this.time + ms});
    return this.#lastTimer;
  };
  forget = (timer) => this.#timers.delete(timer);

  advance(ms) {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.#timers].filter(([, {due}]) => due <= end).sort((a, b) => a[1].due - b[1].due)[0];
      if (!next) break;
      this.#timers.delete(next[0]);
      this.time = next[1].due;
      next[1].call();
    }
    this.time = end;
  }

  /** A sleep: time passes, and timers come only afterwards, if at all. */
  sleep(ms) {
    this.time += ms;
  }

  last() {
    return this.sockets.at(-1);
  }

  say(socket, message) {
    socket.onmessage?.({data: JSON.stringify(message)});
  }

  break(socket) {
    socket.onclose?.({});
  }
}

function started() {
  const world = new World();
  const messages = [];
  const states = [];
  const feed = new Feed('ws://x/ws', (message) => messages.push(message), (state) => states.push(state), world);
  feed.start();
  return {world, messages, states, feed};
}

test('a feed is open once its hello has come', () => {
  const {world, messages, states} = started();
  assert.deepEqual(states, [{name: 'connecting'}]);
  world.say(world.last(), {type: 'hello'});
  assert.deepEqual(states.at(-1), {name: 'open'});
  assert.deepEqual(messages, [{type: 'hello'}]);
});

test('a broken feed comes back after half a second, then after twice as long each time, at most ten seconds', () => {
  const {world, states} = started();
  world.say(world.last(), {type: 'hello'});
  for (const delay of [500, 1000, 2000, 4000, 8000, 10000, 10000]) {
    const before = world.sockets.length;
    world.break(world.last());
    assert.deepEqual(states.at(-1), {name: 'waiting', until: world.time + delay});
    world.advance(delay - 1);
    assert.equal(world.sockets.length, before);
    world.advance(1);
    assert.equal(world.sockets.length, before + 1);
  }
  world.say(world.last(), {type: 'hello'});
  world.break(world.last());
  assert.deepEqual(states.at(-1), {name: 'waiting', until: world.time + 500});
});

test('waking asks at once instead of waiting', () => {
  const {world, feed, states} = started();
  world.break(world.last());
  feed.wake();
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(states.at(-1), {name: 'connecting'});
  feed.wake();
  assert.equal(world.sockets.length, 2, 'one attempt at a time');
});

test('a server that takes the connection and says nothing is given up after ten seconds', () => {
  const {world, states} = started();
  world.advance(10000);
  assert.equal(states.at(-1).name, 'waiting');
  assert.ok(world.sockets[0].isClosed);
});

test('a silent feed is replaced without a gap', () => {
  const {world, messages, states} = started();
  const first = world.last();
  world.say(first, {type: 'hello', status: 1});
  world.advance(45000);
  const second = world.last();
  assert.notEqual(second, first);
  assert.deepEqual(states.at(-1), {name: 'open'});
  world.say(first, {type: 'log'});
  world.say(second, {type: 'hello', status: 2});
  world.say(first, {type: 'late'});
  assert.ok(first.isClosed);
  assert.equal(states.filter(({name}) => name !== 'open').length, 1, 'only at the very beginning');
  assert.deepEqual(messages.map(({type}) => type), ['hello', 'log', 'hello']);
});

test('a feed that died in a sleep is found dead', () => {
  const {world, feed, states} = started();
  world.say(world.last(), {type: 'hello'});
  world.sleep(3600 * 1000);
  feed.wake();
  assert.equal(world.sockets.length, 2);
  world.advance(10000);
  assert.equal(states.at(-1).name, 'waiting');
  assert.ok(world.sockets.every((socket) => socket.isClosed));
});

test('a short look elsewhere leaves the feed alone, a change of networks does not', () => {
  const {world, feed} = started();
  world.say(world.last(), {type: 'hello'});
  world.advance(20000);
  feed.wake();
  assert.equal(world.sockets.length, 1);
  feed.renew();
  assert.equal(world.sockets.length, 2);
});

test('a feed that breaks while its successor is opened waits for that', () => {
  const {world, feed, states} = started();
  const first = world.last();
  world.say(first, {type: 'hello'});
  feed.renew();
  world.break(first);
  assert.deepEqual(states.at(-1), {name: 'open'});
  world.break(world.last());
  assert.equal(states.at(-1).name, 'waiting');
});

test('a message while a successor is opened leaves its time limit alone', () => {
  const {world, feed, states} = started();
  const first = world.last();
  world.say(first, {type: 'hello'});
  feed.renew();
  const second = world.last();
  world.advance(9000);
  world.say(first, {type: 'log'});
  world.advance(1000);
  assert.ok(second.isClosed);
  assert.deepEqual(states.at(-1), {name: 'open'}, 'the first has spoken since: it lives');
  assert.equal(first.isClosed, false);
});
