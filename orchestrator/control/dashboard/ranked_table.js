// The ranked table, of a job or of a past run: sorted by any column, with each contestant's spread of latency
// drawn on one logarithmic scale.

import {element, reconcile, setAttribute, setText, svgElement} from './dom.js';
import {bytes, count, duration, isKnown, share, words} from './format.js';

const quantile = (key) => (row) => (isKnown(row[key]) ? duration(row[key]) : row.isLost ? 'lost' : '-');

/** `sort`: what a click orders by, smallest first; a column without it is not sorted. */
const columns = [
  {key: 'rank', text: (row) => rankText(row), sort: (row) => row.rank},
  {key: 'contestant', text: (row) => row.contestant, sort: (row) => row.contestant},
  {key: 'p50', text: quantile('p50'), sort: (row) => row.p50},
  {key: 'p95', text: quantile('p95'), sort: (row) => row.p95},
  {key: 'p99', text: quantile('p99'), sort: (row) => row.p99},
  {key: 'p999', title: 'p99.9', text: quantile('p999'), sort: (row) => row.p999},
  {key: 'max', text: quantile('max'), sort: (row) => row.max},
  {key: 'spread', title: 'p50 to p99.9'},
  {key: 'received', text: (row) => count(row.received), sort: (row) => row.received},
  {key: 'lost', text: (row) => count(row.lost), sort: (row) => row.lost},
  {key: 'rate', title: 'msg/s', text: (row) => count(row.rate), sort: (row) => -row.rate, isLargestFirst: true},
  {key: 'clients', text: (row) => clientsText(row), sort: (row) => row.established},
  {key: 'rss', title: 'RSS', text: (row) => bytes(row.rss), sort: (row) => row.rss},
  {key: 'cpu', title: 'CPU', text: (row) => share(row.cpu), sort: (row) => row.cpu},
  {key: 'lag', title: 'client lag', text: (row) => duration(row.lag), sort: (row) => row.lag},
  {key: 'outcome', text: (row) => words(row.outcome), sort: (row) => row.outcome},
];
const texts = new Set(['contestant', 'outcome', 'spread']);

function rankText(row) {
  if (!isKnown(row.rank)) return '-';
  return row.isShared ? `${row.rank}=` : String(row.rank);
}

function clientsText(row) {
  if (!isKnown(row.requested)) return '-';
  const requested = count(row.requested);
  return row.established === row.requested ? requested : `${count(row.established)} of ${requested}`;
}

export class RankedTable {
  #rows = [];
  #sortKey = 'rank';
  #isReversed = false;
  #headers = new Map();
  #body = element('tbody');
  #notes = element('ul', {class: 'notes'});

  constructor(container, label) {
    const head = element('tr');
    for (const column of columns) head.append(this.#header(column));
    container.append(
      element('div', {class: 'scroller', tabindex: '0', role: 'group', 'aria-label': label},
        element('table', {class: 'ranked'}, element('caption', {class: 'for-readers'}, label),
          element('thead', {}, head), this.#body)),
      this.#notes);
  }

  /** `rows` as ranking.js makes them, in the order of their ranks. */
  render(rows) {
    this.#rows = rows;
    this.#draw();
  }

  #header(column) {
    const title = column.title ?? column.key;
    const header = element('th', {scope: 'col', class: texts.has(column.key) ? column.key : `number ${column.key}`});
    if (column.sort) header.append(element('button', {type: 'button', click: () => this.#sortBy(column.key)}, title));
    else header.append(title);
    this.#headers.set(column.key, header);
    return header;
  }

  #sortBy(key) {
    this.#isReversed = key === this.#sortKey && !this.#isReversed;
    this.#sortKey = key;
    this.#draw();
  }

  #sorted() {
    const {sort} = columns.find((column) => column.key === this.#sortKey);
    const direction = this.#isReversed ? -1 : 1;
    const known = (row) => isKnown(sort(row)) && !Number.isNaN(sort(row));
    const ordered = this.#rows.filter(known)
      .sort((a, b) => direction * (typeof sort(a) === 'string' ? sort(a).localeCompare(sort(b)) : sort(a) - sort(b)));
    return [...ordered, ...this.#rows.filter((row) => !known(row))];
  }

  #draw() {
    for (const {key, isLargestFirst = false} of columns) {
      const order = this.#isReversed === isLargestFirst ? 'ascending' : 'descending';
      setAttribute(this.#headers.get(key), 'aria-sort', key === this.#sortKey ? order : null);
    }
    const scale = scaleOf(this.#rows);
    reconcile(this.#body, this.#sorted(), (row) => row.contestant, createRow, (line, row) => fillRow(line, row, scale));
    reconcile(this.#notes, this.#rows.filter((row) => row.note), (row) => row.contestant,
      () => element('li', {}, element('strong'), element('span')), (item, row) => {
        setText(item.firstChild, row.contestant);
        setText(item.lastChild, row.note);
      });
  }
}

function createRow() {
  const line = element('tr');
  for (const column of columns) {
    const isName = column.key === 'contestant';
    line.append(element(isName ? 'th' : 'td', {
      scope: isName ? 'row' : null, class: texts.has(column.key) ? column.key : `number ${column.key}`,
    }));
  }
  return line;
}

function fillRow(line, row, scale) {
  setAttribute(line, 'data-outcome', row.outcome);
  columns.forEach((column, index) => {
    const cell = line.children[index];
    if (column.key === 'spread') drawSpread(cell, row, scale);
    else setText(cell, column.text(row));
  });
}

const spreadWidth = 104;
const spreadHeight = 14;

/** From the smallest p50 to the largest p99.9 of all rows, as a function from nanoseconds to pixels; or null. */
function scaleOf(rows) {
  const values = rows.flatMap((row) => [row.p50, row.p99, row.p999]).filter((value) => value > 0);
  if (values.length === 0) return null;
  const low = Math.log(Math.min(...values));
  const width = Math.max(Math.log(Math.max(...values)) - low, 1e-9);
  return (ns) => 2 + (Math.log(ns) - low) / width * (spreadWidth - 4);
}

function drawSpread(cell, row, scale) {
  if (!scale || !(row.p50 > 0) || !(row.p99 > 0)) {
    cell.replaceChildren();
    return;
  }
  const [from, to, end] = [scale(row.p50), scale(row.p99), scale(row.p999 > 0 ? row.p999 : row.p99)];
  const shape = [from, to, end].map((x) => x.toFixed(1)).join(' ');
  if (cell.dataset.shape === shape && cell.firstChild) return;
  cell.dataset.shape = shape;
  const middle = spreadHeight / 2;
  cell.replaceChildren(svgElement('svg', {width: spreadWidth, height: spreadHeight, 'aria-hidden': 'true'},
    svgElement('line', {class: 'spread-tail', x1: to, x2: end, y1: middle, y2: middle}),
    svgElement('line', {class: 'spread-body', x1: from, x2: to, y1: middle, y2: middle}),
    svgElement('circle', {class: 'spread-mark', cx: to, cy: middle, r: 3})));
}
