// The charts.

import { workloads } from '../workloads/index.mjs';
import { axis, render, rounded } from './drawing.mjs';

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
