import assert from 'node:assert/strict';
import test from 'node:test';

import {thinned} from '../../../../orchestrator/control/dashboard/thinning.js';

const points = (values) => values.map((value, t) => ({t, value}));

test('few points are all kept, and what is not known is a gap', () => {
  assert.deepEqual(thinned(points([3, null, 5]), 'value', 10), [[0, 3], [1, '-'], [2, 5]]);
});

test('of many points every spike and every dip stays, in the order of time', () => {
  const values = Array.from({length: 3600}, () => 100);
  values[1234] = 9000;
  values[2345] = 1;
  const kept = thinned(points(values), 'value', 600);
  assert.ok(kept.length <= 600);
  assert.ok(kept.some(([t, value]) => t === 1234 && value === 9000));
  assert.ok(kept.some(([t, value]) => t === 2345 && value === 1));
  assert.ok(kept.every(([t], i) => i === 0 || kept[i - 1][0] < t));
});

test('a stretch of which nothing is known stays a gap', () => {
  const values = Array.from({length: 1000}, (_, t) => (t >= 300 && t < 500 ? null : t));
  assert.ok(thinned(points(values), 'value', 100).some(([t, value]) => t >= 300 && t < 500 && value === '-'));
});
