// One chart: lines over the seconds of a load, with a legend that tells the values where the reader points.

import {init} from './echarts.js';
import {element, setAttribute, setText} from './dom.js';
import {isKnown, shortElapsed} from './format.js';
import {thinned} from './thinning.js';

const ticks = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900];
const mostTicks = 6;

/** As many points a line as there are pixels for, about: more cost time and show nothing. */
export const mostPoints = 600;
const margins = {left: 58, right: 14, top: 12, bottom: 26};

/** The colours of the page, resolved: a canvas knows no custom properties. */
export function readColours() {
  const probe = element('span', {hidden: true});
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    text: colour('--muted'), grid: colour('--line'), faint: colour('--line-faint'), shade: colour('--shade'),
  };
  for (const name of ['1', '2', '3', '4', 'neutral']) found[`--series-${name}`] = colour(`--series-${name}`);
  probe.remove();
  return found;
}

/**
 * `description`: {title, unit: number => text, isLogarithmic, series: [{key, name, colour, isDashed, isStrong,
 * isFilled}]}; `colour` is a custom property of the stylesheet, `key` a field of POINT (docs/control.md).
 * `onPoint(seconds | null)` is told where the reader points.
 */
export class LineChart {
  #description;
  #chart;
  #canvas;
  #cross = element('span', {class: 'cross', 'aria-hidden': 'true'});
  #readings;
  #onPoint;
  #points = [];
  #span = 1;
  #resting = null;

  constructor(container, description, onPoint) {
    this.#description = description;
    this.#onPoint = onPoint;
    this.#readings = description.series.map(() => element('dd'));
    const legend = element('dl', {class: 'legend'}, ...description.series.map((series, index) =>
      element('div', {class: `legend-item ${series.colour.slice(2)}${series.isDashed ? ' dashed' : ''}`},
        element('dt', {}, series.name), this.#readings[index])));
    this.#canvas = element('div', {
      class: 'canvas', tabindex: '0', role: 'img',
      pointermove: (event) => this.#point(event), pointerleave: () => onPoint(null),
      keydown: (event) => this.#step(event), blur: () => onPoint(null),
    });
    container.append(element('figure', {class: 'card chart'},
      element('figcaption', {class: 'chart-head'}, element('h3', {}, description.title), legend),
      element('div', {class: 'canvas-frame'}, this.#canvas, this.#cross)));
    this.#chart = init(this.#canvas, null, {renderer: 'canvas'});
    new ResizeObserver(() => {
      this.#chart.resize();
      this.pointAt(this.#resting);
    }).observe(this.#canvas);
  }

  /** Tells the latest values; what is drawn stays. `load` as state.js keeps it. */
  tell(load) {
    this.#points = load.points;
    setAttribute(this.#canvas, 'aria-label', this.#summary());
    this.pointAt(this.#resting);
  }

  /** Draws the load's lines; `span`: the seconds that the axis shows. */
  draw(load, span, colours) {
    this.#span = span;
    this.tell(load);
    const {isLogarithmic, series, unit} = this.#description;
    const shade = shadeUntilMeasuring(load, colours);
    this.#chart.setOption({
      animation: false,
      grid: {...margins, outerBoundsMode: 'none'},
      textStyle: {fontFamily: getComputedStyle(this.#canvas).fontFamily},
      xAxis: {
        type: 'value', min: 0, max: span, interval: tickOf(span), axisTick: {show: false}, splitLine: {show: false},
        axisLine: {lineStyle: {color: colours.grid}},
        axisLabel: {color: colours.text, fontSize: 11, formatter: shortElapsed, showMaxLabel: false},
      },
      yAxis: {
        type: isLogarithmic ? 'log' : 'value', ...(isLogarithmic ? this.#decades() : {min: 0}), splitNumber: 4,
        axisLine: {show: false}, axisTick: {show: false}, splitLine: {lineStyle: {color: colours.faint}},
        axisLabel: {color: colours.text, fontSize: 11, formatter: unit},
      },
      series: series.map((line, index) => this.#line(line, index === 0 ? shade : undefined, colours)),
    });
  }

  /** Shows the values of that second, or of the latest when it is null. */
  pointAt(seconds) {
    this.#resting = seconds;
    const point = seconds === null ? this.#points.at(-1) : nearest(this.#points, seconds);
    this.#description.series.forEach(({key}, index) =>
      setText(this.#readings[index], isKnown(point?.[key]) ? this.#description.unit(point[key]) : '-'));
    this.#cross.hidden = seconds === null || !point;
    if (this.#cross.hidden) return;
    const x = margins.left + point.t / this.#span * this.#width();
    this.#cross.style.setProperty('--x', `${Math.min(x, margins.left + this.#width()).toFixed(1)}px`);
  }

  #line({key, name, colour, isDashed, isStrong, isFilled}, markArea, colours) {
    return {
      type: 'line', name, silent: true, symbol: 'circle', symbolSize: 4, showSymbol: this.#points.length < 3,
      data: thinned(this.#points, key, mostPoints),
      itemStyle: {color: colours[colour]},
      lineStyle: {color: colours[colour], width: isStrong ? 2.25 : 1.5, type: isDashed ? [4, 4] : 'solid'},
      areaStyle: isFilled ? {color: colours[colour], opacity: 0.1} : undefined,
      markArea,
    };
  }

  /** Whole decades around all values, so that the axis moves seldom. */
  #decades() {
    let [low, high] = [Infinity, 0];
    for (const point of this.#points) {
      for (const {key} of this.#description.series) {
        if (!(point[key] > 0)) continue;
        low = Math.min(low, point[key]);
        high = Math.max(high, point[key]);
      }
    }
    if (high === 0) return {min: 1e4, max: 1e7};
    const min = 10 ** Math.floor(Math.log10(low));
    return {min, max: Math.max(10 ** Math.ceil(Math.log10(high)), min * 10)};
  }

  #width() {
    return this.#canvas.clientWidth - margins.left - margins.right;
  }

  #point(event) {
    const x = event.clientX - this.#canvas.getBoundingClientRect().left - margins.left;
    this.#onPoint(Math.min(Math.max(x / this.#width(), 0), 1) * this.#span);
  }

  /** The arrow keys go from second to second. */
  #step(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step || this.#points.length === 0) return;
    event.preventDefault();
    const from = nearest(this.#points, this.#resting ?? Infinity);
    const index = this.#points.indexOf(from) + step;
    this.#onPoint(this.#points[Math.min(Math.max(index, 0), this.#points.length - 1)].t);
  }

  #summary() {
    const last = this.#points.at(-1);
    const {title, series, unit} = this.#description;
    const values = series.map(({key, name}) => `${name} ${isKnown(last?.[key]) ? unit(last[key]) : 'not known'}`);
    return `${title}: ${values.join(', ')}`;
  }
}

/** A round number of seconds, of which few enough make up the span. */
function tickOf(span) {
  return ticks.find((tick) => span / tick <= mostTicks) ?? 3600 * Math.ceil(span / 3600 / mostTicks);
}

/** What is not counted, the ramp and the warm-up, lies in shade. */
function shadeUntilMeasuring(load, colours) {
  const first = load.points.find((point) => point.phase === 'measuring');
  const end = first ? Math.max(first.t - 1, 0) : load.points.at(-1)?.t ?? 0;
  const data = end > 0 ? [[{xAxis: 0}, {xAxis: end}]] : [];
  return {silent: true, animation: false, itemStyle: {color: colours.shade}, data};
}

/** The point whose time is nearest, or undefined when there is none. Points are in the order of their times. */
function nearest(points, seconds) {
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle].t <= seconds) low = middle;
    else high = middle;
  }
  if (points.length === 0) return undefined;
  return Math.abs(points[low].t - seconds) <= Math.abs(points[high].t - seconds) ? points[low] : points[high];
}
