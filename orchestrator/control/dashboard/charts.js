// The charts of the load that runs, or ran last.

import {byId, setText} from './dom.js';
import {bytes, count, duration, share, shortElapsed, words} from './format.js';
import {LineChart, mostPoints, readColours} from './line_chart.js';

const descriptions = [
  {
    title: 'Latency', unit: duration, isLogarithmic: true,
    series: [
      {key: 'p50_ns', name: 'p50', colour: '--series-1'},
      {key: 'p90_ns', name: 'p90', colour: '--series-2'},
      {key: 'p99_ns', name: 'p99', colour: '--series-3', isStrong: true},
      {key: 'p999_ns', name: 'p99.9', colour: '--series-4'},
    ],
  },
  {
    title: 'Messages/s', unit: count,
    series: [
      {key: 'received_rate', name: 'received', colour: '--series-2', isFilled: true},
      {key: 'sent_rate', name: 'sent', colour: '--series-neutral', isDashed: true},
    ],
  },
  {
    title: 'Resident memory', unit: bytes,
    series: [{key: 'rss_bytes', name: 'RSS', colour: '--series-2', isFilled: true}],
  },
  {
    title: 'CPU', unit: share,
    series: [{key: 'cpu_share', name: 'of a core', colour: '--series-2', isFilled: true}],
  },
  {
    title: 'Client lag', unit: duration,
    series: [{key: 'lag_p99_ns', name: 'p99', colour: '--series-4', isFilled: true}],
  },
];

let charts = [];
let colours = null;
let told = null;   // the points whose latest values are shown
let drawn = null;  // the load that is drawn, and until when: {group, contestant, round, span, t}

export function renderCharts(state) {
  const {load} = state;
  byId('charts').hidden = load === null;
  if (load === null) return;
  if (charts.length === 0) {
    charts = descriptions.map((description) => new LineChart(byId('chart-grid'), description, pointAll));
  }
  setText(byId('charts-title'), titleOf(state));
  const next = {group: load.group, contestant: load.contestant, round: load.round, span: spanOf(load)};
  next.t = load.points.at(-1)?.t ?? 0;
  if (isDue(next, state.isLoading)) {
    drawn = next;
    colours ??= readColours();
    for (const chart of charts) chart.draw(load, next.span, colours);
  } else if (told !== load.points) {
    for (const chart of charts) chart.tell(load);
  }
  told = load.points;  // another array whenever there is another point
}

/** Whether the lines are to be drawn again: in a long load not every second moves them by a pixel. */
function isDue(next, isLoading) {
  if (!drawn) return true;
  if (['group', 'contestant', 'round', 'span'].some((key) => drawn[key] !== next[key])) return true;
  if (!isLoading) return next.t !== drawn.t;
  return next.t < drawn.t || next.t - drawn.t >= next.span / mostPoints;
}

/** The theme has changed: colours are to be read again. */
export function forgetColours() {
  colours = null;
  drawn = null;
}

function pointAll(seconds) {
  for (const chart of charts) chart.pointAt(seconds);
}

function titleOf({load, isLoading}) {
  const last = load.points.at(-1);
  const parts = [isLoading ? load.contestant : `Last load: ${load.contestant}`];
  if (last) parts.push(`${shortElapsed(last.t)} in, ${words(last.phase)}`, `${count(last.open)} clients open`);
  return parts.join(' · ');
}

/** The planned seconds, so that the lines grow towards the end; more when it takes longer. */
function spanOf(load) {
  const planned = (load.warm_up_seconds ?? 0) + (load.measuring_seconds ?? 0);
  return Math.ceil(Math.max(planned, load.points.at(-1)?.t ?? 0, 5));
}
