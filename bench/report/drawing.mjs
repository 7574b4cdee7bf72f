// Charts as SVG. Their own white ground makes them readable on pages of any colour.

import * as echarts from 'echarts';

const width = 860;

/** A round number in short; any other, such as 1024, in full. */
function axisNumber(value) {
  if (value >= 1_000_000 && value % 100_000 === 0) return `${value / 1_000_000}M`;
  return value >= 1000 && value % 100 === 0 ? `${value / 1000}k` : String(value);
}

/** Figures with more digits than the drawing has would only make the file differ. */
export function rounded(value) {
  return value === undefined ? undefined : Number(value.toPrecision(4));
}

/** An axis that looks like those of all charts. */
export function axis(name, nameLocation) {
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

/**
 * @param {string} title - What stands above the chart.
 * @param {object} option - What ECharts is to draw.
 * @param {number} [height] - How high, in pixels.
 * @returns {string} The chart.
 */
export function render(title, option, height = 440) {
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
