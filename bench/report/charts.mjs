// The charts, as SVG. Their own white ground makes them readable on pages of any colour.

import * as echarts from 'echarts';

import { workloads } from '../workloads/index.mjs';

const width = 860;
const height = 440;

/** Colours that are told apart without telling red from green (after Okabe and Ito). */
const colours = {
  eventlog: '#0072b2',
  'eventlog-exclusive': '#56b4e9',
  baseline: '#444444',
  'baseline-exclusive': '#999999',
  'better-sqlite3': '#f0c000',
  'better-sqlite3-queue': '#e69f00',
  lmdb: '#009e73',
  'lmdb-linked': '#7fcfb9',
  'classic-level': '#cc79a7',
  'event-storage': '#8c564b',
  'emmett-sqlite': '#d55e00',
  'floor-1': '#000000',
  'floor-1024': '#000000',
};

/** A round number in short; any other, such as 1024, in full. */
function axisNumber(value) {
  if (value >= 1_000_000 && value % 100_000 === 0) return `${value / 1_000_000}M`;
  return value >= 1000 && value % 100 === 0 ? `${value / 1000}k` : String(value);
}

/**
 * @param {object} run - A run.
 * @returns {{ name: string, title: string, svg: string }[]} The charts for which it has figures.
 */
export function renderCharts(run) {
  return [
    lines(run, {
      name: 'throughput',
      title: 'Appends per second, by appends in flight',
      group: 'in-flight',
      x: ({ inFlight }) => inFlight,
      xName: 'appends in flight',
      yName: 'events/s',
      metric: 'eventsPerSecond',
    }),
    lines(run, {
      name: 'latency',
      title: 'Latency of an append (p99), by appends in flight',
      group: 'in-flight',
      x: ({ inFlight }) => inFlight,
      xName: 'appends in flight',
      yName: 'ms',
      metric: 'latencyP99Ms',
    }),
    bars(run),
    lines(run, {
      name: 'growth',
      title: 'Cost of an append by the size of the log, 1024 in flight',
      group: 'growth',
      x: ({ prepared }) => prepared.events,
      xName: 'events in the file',
      yName: 'µs per event',
      metric: 'eventsPerSecond',
      y: (value) => 1e6 / value,
      isLinear: true,
    }),
  ].filter(Boolean);
}

function lines(run, { name, title, group, x, xName, yName, metric, y = (v) => v, isLinear }) {
  const measured = workloads.filter((workload) => workload.group === group);
  const series = run.systems
    .filter(({ floor }) => floor === undefined)
    .map((system) => ({
      ...seriesOf(system),
      type: 'line',
      symbolSize: 7,
      data: measured.flatMap((workload) => {
        const value = run.summary.median(workload.name, system.name, metric);
        return value === undefined ? [] : [[x(workload), rounded(y(value))]];
      }),
    }))
    .filter(({ data }) => data.length > 1);
  if (series.length === 0) return undefined;
  const yAxis = isLinear ? { type: 'value', min: 0 } : { type: 'log' };
  const svg = render(title, {
    xAxis: { type: 'log', logBase: isLinear ? 10 : 4, ...axis(xName, 'middle') },
    yAxis: { ...yAxis, ...axis(yName, 'end') },
    series,
  });
  return { name, title, svg };
}

function bars(run) {
  const title = 'Events per second, by the size of a batch';
  const measured = workloads.filter(
    ({ name, group }) => group === 'batch' && run.rounds.some(({ workload }) => workload === name),
  );
  const shown = run.systems.filter(({ floor }) => floor === undefined);
  const value = (workload, system) =>
    run.summary.median(workload.name, system.name, 'eventsPerSecond');
  const series = shown
    .filter((system) => measured.some((workload) => value(workload, system) !== undefined))
    .map((system) => ({
      ...seriesOf(system),
      type: 'bar',
      data: measured.map((workload) => rounded(value(workload, system)) ?? '-'),
    }));
  if (series.length === 0) return undefined;
  const svg = render(title, {
    xAxis: { type: 'category', data: measured.map((workload) => workload.title), ...axis('') },
    yAxis: { type: 'value', ...axis('events/s', 'end') },
    series,
  });
  return { name: 'batches', title, svg };
}

function seriesOf({ name, title }) {
  const isOwn = name.startsWith('eventlog');
  return {
    name: title,
    color: colours[name],
    lineStyle: { width: isOwn ? 3.5 : 2, type: name === 'lmdb-linked' ? 'dashed' : 'solid' },
  };
}

/** Figures with more digits than the drawing has would only make the file differ. */
function rounded(value) {
  return value === undefined ? undefined : Number(value.toPrecision(4));
}

function axis(name, nameLocation) {
  return {
    name,
    nameLocation,
    nameGap: nameLocation === 'middle' ? 28 : 12,
    nameTextStyle: { color: '#333333' },
    axisLabel: { color: '#333333', formatter: name === '' ? undefined : axisNumber },
    axisLine: { lineStyle: { color: '#888888' } },
    splitLine: { lineStyle: { color: '#e4e4e4' } },
  };
}

function render(title, option) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Arial, Helvetica, sans-serif' },
    title: { text: title, left: 'center', top: 10, textStyle: { color: '#222222', fontSize: 16 } },
    // Nobody knows the fonts of the page, so the names get more room than they are thought to need.
    legend: {
      bottom: 8,
      left: 'center',
      width: width - 60,
      itemGap: 14,
      textStyle: { color: '#333333', padding: [0, 22, 0, 0] },
    },
    grid: { left: 70, right: 30, top: 70, bottom: 110 },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
