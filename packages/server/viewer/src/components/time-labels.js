// What stands under the ticks of an axis of time: the date where a day begins, and otherwise the time of day.

import { clockText, dateText } from '../view/words.js';

/** A day, in seconds. */
const DAY = 86_400;

/**
 * @param {object} _ - The chart.
 * @param {number[]} ticks - Where the ticks are, in seconds since 1970.
 * @param {number} axis - The number of the axis.
 * @param {number} space - How far apart labels have to be, in pixels.
 * @param {number} step - How many seconds are between two ticks.
 * @returns {string[]} A label for each tick.
 */
export function timeLabels(_, ticks, axis, space, step) {
  const dates = ticks.map((tick) => dateText(tick * 1000));
  return ticks.map((tick, n) => {
    if (step >= DAY) return dates[n];
    const clock = clockText(tick * 1000).slice(0, lengthFor(step));
    return n > 0 && dates[n] !== dates[n - 1] ? `${dates[n].slice(5)} ${clock}` : clock;
  });
}

/** How much of `12:34:56.789` tells two ticks apart. */
function lengthFor(step) {
  if (step >= 60) return 5;
  return step >= 1 ? 8 : 12;
}
