import assert from 'node:assert/strict';
import test from 'node:test';

import {bytes, count, duration, elapsed, share, shortElapsed} from '../../../../orchestrator/control/dashboard/format.js';

// The cases of tests/orchestrator/util/quantities_test.cpp: the page and the terminal show the same.
test('durations are shown as on the terminal', () => {
  for (const [ns, text] of [
    [0, '0 s'], [1, '1 ns'], [999, '999 ns'], [1000, '1 us'], [83e3, '83 us'], [83456, '83.5 us'], [1238e3, '1.24 ms'],
    [123456e3, '123 ms'], [2100e6, '2.1 s'], [600e9, '600 s'], [-1500e3, '-1.5 ms'], [9999, '10 us'], [99960, '100 us'],
    [999499, '999 us'], [999500, '1 ms'], [999999999, '1 s'], [999900e6, '1000 s'], [1000e9, '0:16:40'], [90000e9, '25:00:00'],
  ]) assert.equal(duration(ns), text);
});

test('a tie is rounded to the even digit, as printf does', () => {
  assert.equal(duration(100500), '100 us');
  assert.equal(duration(101500), '102 us');
  assert.equal(duration(12250), '12.2 us');
  assert.equal(duration(1125), '1.12 us');
  assert.equal(share(0.125), '12 %');
});

test('bytes are shown as on the terminal', () => {
  for (const [number, text] of [
    [0, '0 B'], [999, '999 B'], [1000, '1 KB'], [1024, '1.02 KB'], [83456789, '83.5 MB'], [999600000, '1 GB'], [12.3e12, '12.3 TB'],
  ]) assert.equal(bytes(number), text);
});

test('counts have commas and rates are cut', () => {
  assert.equal(count(0), '0');
  assert.equal(count(999), '999');
  assert.equal(count(12345), '12,345');
  assert.equal(count(1234567.9), '1,234,567');
});

test('elapsed seconds are cut, and short where there is little room', () => {
  assert.equal(elapsed(5.99), '0:00:05');
  assert.equal(elapsed(360000), '100:00:00');
  assert.equal(elapsed(-3), '0:00:00');
  assert.equal(shortElapsed(59.9), '59 s');
  assert.equal(shortElapsed(65), '1:05');
  assert.equal(shortElapsed(600), '10:00');
  assert.equal(shortElapsed(3723), '1:02:03');
});

test('what is not known is a dash', () => {
  for (const show of [duration, bytes, count, share, elapsed]) {
    assert.equal(show(null), '-');
    assert.equal(show(undefined), '-');
  }
});
