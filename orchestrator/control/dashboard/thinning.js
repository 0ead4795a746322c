// Fewer points where there are more than pixels.

import {isKnown} from './format.js';

/**
 * [t, value] pairs of a field of POINTs, at most about `most` of them: beyond, of each stretch of time its smallest and
 * its largest value, so that no spike and no dip is lost. What is not known is '-', a gap to ECharts.
 */
export function thinned(points, key, most) {
  const pairs = points.map((point) => [point.t, isKnown(point[key]) ? point[key] : '-']);
  if (pairs.length <= most) return pairs;
  const stretch = Math.ceil(pairs.length * 2 / most);
  const kept = [];
  for (let begin = 0; begin < pairs.length; begin += stretch) {
    kept.push(...extremes(pairs.slice(begin, begin + stretch)));
  }
  return kept;
}

/** The pairs with the smallest and the largest value, in the order of their times; one pair when all are alike. */
function extremes(pairs) {
  const known = pairs.filter(([, value]) => value !== '-');
  if (known.length === 0) return [pairs[0]];
  let [low, high] = [known[0], known[0]];
  for (const pair of known) {
    if (pair[1] < low[1]) low = pair;
    if (pair[1] > high[1]) high = pair;
  }
  if (low === high) return [low];
  return low[0] < high[0] ? [low, high] : [high, low];
}
