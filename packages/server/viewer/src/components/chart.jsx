// A chart over time. What it shows is also in words beside it, since a picture tells a screen reader nothing.

import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { isDark } from '../view/theme.js';
import { shortNumber } from '../view/words.js';
import { timeLabels } from './time-labels.js';

/** How far apart ticks of a count can be: there are no half events. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, n) =>
  [1, 2, 5].map((step) => step * 10 ** n),
).flat();

/** A drag of fewer pixels is a click. */
const DRAG_MIN = 4;

/**
 * @param {object} props
 * @param {string} props.label - What a screen reader says.
 * @param {'bars' | 'lines'} props.kind - Bars that stand on each other, or lines.
 * @param {number} props.height - In pixels.
 * @param {{ from: number, until: number }} props.range - The range of time, in milliseconds since 1970.
 * @param {number} props.width - How long each part of it is.
 * @param {number[]} props.starts - Where each part starts.
 * @param {{ name: string, colour: string, values: (number | null)[] }[]} props.series - What is drawn; `colour` is the
 *   name of one of the page's.
 * @param {(from: number, until: number) => void} props.onRange - Called when a range was dragged over.
 */
export function Chart(props) {
  const { label, kind, height, range, series } = props;
  const box = useRef(null);
  const plot = useRef(null);
  const latest = useRef(props);
  latest.current = props;
  const dark = isDark.value;
  const shape = JSON.stringify([kind, height, dark, series.map(({ name }) => name)]);
  useEffect(() => {
    const element = box.current;
    const drawn = new UPlot(optionsOf(latest, element), dataOf(latest.current), element);
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    plot.current = drawn;
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [shape]);
  useEffect(() => {
    plot.current.setData(dataOf(props));
  }, [series, range.from, range.until]);
  // It has its height before it is drawn, so that nothing below it moves.
  return (
    <div ref={box} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />
  );
}

/** What uPlot is given: bars from the highest to the lowest, each drawn over the one before. */
function dataOf({ kind, starts, width, series }) {
  const times = starts.map((start) => (kind === 'bars' ? start : start + width / 2) / 1000);
  if (kind === 'lines') return [times, ...series.map(({ values }) => values)];
  const sums = starts.map(() => 0);
  const stacked = series.map(({ values }) => values.map((value, n) => (sums[n] += value)));
  return [times, ...stacked.reverse()];
}

function optionsOf(latest, box) {
  const { kind, height, series } = latest.current;
  const style = getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const drawn = kind === 'bars' ? series.toReversed() : series;
  const axis = {
    stroke: colour('text-dim'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: {
      points: { show: kind === 'lines' },
      drag: { x: true, y: false, setScale: false },
    },
    scales: {
      x: {
        range: () => {
          const { from, until, starts, width } = withStarts(latest.current);
          return [Math.min(from, starts[0]) / 1000, Math.max(until, starts.at(-1) + width) / 1000];
        },
      },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(max ?? 1, 1)] },
    },
    axes: [
      { ...axis, size: 24, space: 90, grid: { show: false }, values: timeLabels },
      {
        ...axis,
        size: 44,
        space: 22,
        values: (_, ticks) => ticks.map(shortNumber),
        ...(kind === 'bars' ? { incrs: WHOLE_STEPS } : {}),
      },
    ],
    series: [
      {},
      ...drawn.map(({ colour: name }) => ({
        ...(kind === 'bars'
          ? { fill: colour(name), paths: UPlot.paths.bars({ size: [0.85, 60], align: 1 }) }
          : { stroke: colour(name), width: 1.5, spanGaps: true }),
        points: { show: kind === 'lines' && latest.current.starts.length < 40, size: 4 },
      })),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < DRAG_MIN) return;
          const [from, until] = [left, left + width].map((x) => plot.posToVal(x, 'x') * 1000);
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          latest.current.onRange(Math.floor(from), Math.ceil(until));
        },
      ],
    },
  };
}

function withStarts({ range, starts, width }) {
  return { ...range, starts, width };
}
