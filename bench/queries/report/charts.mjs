// The charts: a line for each query, a point on it for each system.

import { axis, render, rounded } from '../../report/drawing.mjs';
import { datasets } from '../data/index.mjs';

/** Colours that are told apart without telling red from green (after Okabe and Ito), and shapes. */
const looks = {
  eventlog: { color: '#0072b2', symbol: 'circle', symbolSize: 15 },
  'eventlog-256': { color: '#56b4e9', symbol: 'emptyCircle', symbolSize: 13 },
  baseline: { color: '#444444', symbol: 'diamond', symbolSize: 13 },
  'better-sqlite3': { color: '#e69f00', symbol: 'rect', symbolSize: 11 },
  'better-sqlite3-fields': { color: '#f0c000', symbol: 'emptyRect', symbolSize: 11 },
  duckdb: { color: '#009e73', symbol: 'triangle', symbolSize: 12 },
  'duckdb-json': { color: '#7fcfb9', symbol: 'emptyTriangle', symbolSize: 12 },
};

/** How high the line of a query is, and everything above and below the lines, in pixels. */
const lineHeight = 30;
const frameHeight = 170;

/** What the charts of all sets of events are named. */
export const chartNames = datasets.map(({ name }) => `queries-${name}`);

/**
 * @param {object} run - A run.
 * @returns {{ name: string, title: string, svg: string }[]} The charts for which it has figures.
 */
export function renderCharts(run) {
  return datasets.map((dataset) => chart(run, dataset)).filter(Boolean);
}

function chart(run, { name, title }) {
  // The first query is to stand at the top, and axes begin at the bottom.
  const queries = run.queries.filter(({ dataset }) => dataset === name).reverse();
  const series = run.systems
    .map((system) => ({
      name: system.title,
      type: 'scatter',
      ...look(system),
      data: queries.flatMap((query, line) => {
        const value = run.summary.median(query.name, system.name, 'milliseconds');
        return value === undefined ? [] : [[rounded(value), line]];
      }),
    }))
    .filter(({ data }) => data.length > 0);
  if (series.length === 0) return undefined;
  const heading = `Time of a query, ${run.events[name].toLocaleString('en')} ${title}`;
  const svg = render(
    heading,
    {
      xAxis: { type: 'log', ...axis('ms', 'middle') },
      yAxis: {
        type: 'category',
        data: queries.map((query) => query.title.replaceAll('`', '')),
        ...axis(''),
        splitLine: { show: true, lineStyle: { color: '#e4e4e4' } },
        axisTick: { show: false },
      },
      // As with the legend, the titles may need more room than they are thought to.
      grid: { left: 50, right: 40, top: 60, bottom: 90, containLabel: true },
      series,
    },
    frameHeight + lineHeight * queries.length,
  );
  return { name: `queries-${name}`, title: heading, svg };
}

function look({ name }) {
  const { color, symbol, symbolSize } = looks[name];
  return { symbol, symbolSize, color, itemStyle: { color, borderColor: color } };
}
