// Lists that are longer than an element can be high: each row can be reached, by small steps and by large ones.

import test from 'ava';

import { HEIGHT_MAX, ScrollPosition } from '../../viewer/src/components/scroll-position.js';

const ROW = 26;
const HEIGHT = 520;

/** An element as browsers scroll it: by whole pixels, and not beyond its ends. */
function scrolled(rows) {
  let at = 0;
  const range = Math.min(rows * ROW, HEIGHT_MAX) - HEIGHT;
  const element = {
    clientHeight: HEIGHT,
    get scrollTop() {
      return at;
    },
    set scrollTop(to) {
      at = Math.min(Math.max(0, Math.round(to)), Math.max(0, range));
    },
  };
  const position = new ScrollPosition(element);
  position.height = rows * ROW;
  const to = (top) => {
    element.scrollTop = top;
    position.scrolled();
    return position.top / ROW;
  };
  return { element, position, to, by: (step) => to(at + step), range };
}

for (const rows of [1_000, 10_000_000]) {
  test(`both ends of ${rows} rows can be reached, by steps and by drags`, (t) => {
    const { position, to, by, range, element } = scrolled(rows);
    t.is(to(range), rows - HEIGHT / ROW);
    t.true(position.isAtEnd);
    t.is(to(0), 0);
    t.false(position.isAtEnd);
    t.is(by(3 * ROW), 3);
    for (let step = 0; step < 5; step += 1) by(-ROW);
    t.is(position.top, 0);
    position.moveTo(Infinity);
    t.true(position.isAtEnd);
    t.is(element.scrollTop, range);
  });

  test(`a drag over ${rows} rows goes to about the same share of them`, (t) => {
    const { to, range } = scrolled(rows);
    for (const share of [0.25, 0.5, 0.9]) {
      const row = to(range * share);
      t.true(Math.abs(row / (rows - HEIGHT / ROW) - share) < 5e-3);
    }
  });
}

test('steps of a wheel go through every row, in the middle of ten million and at their ends', (t) => {
  const { position, by, to, range, element } = scrolled(10_000_000);
  for (const start of [0, range / 2, range]) {
    const direction = start === range ? -1 : 1;
    let row = to(start);
    for (let step = 0; step < 3_000; step += 1) {
      const before = element.scrollTop;
      const next = by(direction * 4 * ROW);
      t.true(Math.abs(next - row - direction * 4) < 1e-6, `row ${row} to ${next}, at ${before}`);
      row = next;
      if (step % 100 === 99) position.settle();
    }
  }
});

test('the first row and the last are reached by steps, with a pause after each', (t) => {
  const rows = 10_000_000;
  const { position, by, element, range } = scrolled(rows);
  position.moveTo(100 * ROW);
  for (let row = 96; row >= 0; row -= 4) {
    t.is(by(-4 * ROW), row);
    position.settle();
  }
  t.is(element.scrollTop, 0);
  position.moveTo(position.range - 100 * ROW);
  for (let left = 96; left >= 0; left -= 4) {
    by(4 * ROW);
    t.is(Math.round((position.range - position.top) / ROW), left);
    position.settle();
  }
  t.true(position.isAtEnd);
  t.is(element.scrollTop, range);
});

test('a scroll bar at its end leaves room for the rows that are beyond', (t) => {
  const { position, by, element, range } = scrolled(10_000_000);
  position.moveTo(5_000_000);
  // Without a pause in which the bar could settle.
  for (let step = 0; step < 4_900; step += 1) by(-1_000);
  t.true(position.top > 0 && position.top < 500_000, String(position.top));
  t.true(element.scrollTop > 0 && element.scrollTop < range / 2);
});
