// Filters as sums of what a query can ask.
//
// A query has only a list of conditions that all hold. Let `a` be 1 for the events where condition `a` holds, and 0 for
// the others. Then `a AND b` is `a·b`, `NOT a` is `1 - a`, and `a OR b` is `a + b - a·b`. So every filter is a sum of
// products, and each product is a query. The counts of these queries, taken together in the same way, are the count of
// the filter, exactly. The same goes for counts of groups, and for each single position.

import { simplify } from './simplify.js';

/** More terms than these would be too many queries. Seven alternatives make 127. */
export const TERMS_MAX = 128;

/** How many conditions a query may have, less those for the time and the position. */
const CONDITIONS_MAX = 94;

/**
 * The terms of a filter.
 *
 * @param {object} filter - The filter.
 * @returns {{ coefficient: number, where: object[] }[]} The terms. An event matches if the coefficients of the terms
 *   whose conditions all hold for it add up to 1; otherwise they add up to 0.
 * @throws {Error} If there are too many. The message is for people.
 */
export function termsOf(filter) {
  const conditions = [];
  const numbers = new Map();
  const numberOf = (condition) => {
    const key = JSON.stringify(condition);
    if (!numbers.has(key)) {
      numbers.set(key, conditions.length);
      conditions.push(condition);
    }
    return numbers.get(key);
  };
  const sum = sumOf(simplify(filter), numberOf);
  return [...sum.values()].map(({ coefficient, factors }) => {
    if (factors.length > CONDITIONS_MAX) throw tooMany('conditions');
    return { coefficient, where: factors.map((n) => conditions[n]) };
  });
}

/** A sum is a map: products by their text. A product is the numbers of its conditions, in order. */
function sumOf(node, numberOf) {
  if (node.and !== undefined) {
    return node.and.map((each) => sumOf(each, numberOf)).reduce(product, one());
  }
  if (node.or !== undefined) {
    // a OR b = NOT (NOT a AND NOT b)
    const nots = node.or.map((each) => opposite(sumOf(each, numberOf)));
    return opposite(nots.reduce(product, one()));
  }
  if (node.not !== undefined) return opposite(sumOf(node.not, numberOf));
  const sum = new Map();
  add(sum, 1, [numberOf(node)]);
  return sum;
}

function one() {
  const sum = new Map();
  add(sum, 1, []);
  return sum;
}

function opposite(sum) {
  const result = one();
  for (const { coefficient, factors } of sum.values()) add(result, -coefficient, factors);
  return result;
}

function product(a, b) {
  const result = new Map();
  for (const left of a.values()) {
    for (const right of b.values()) {
      const factors = [...new Set([...left.factors, ...right.factors])].sort((x, y) => x - y);
      add(result, left.coefficient * right.coefficient, factors);
    }
  }
  if (result.size > TERMS_MAX) throw tooMany('alternatives');
  return result;
}

function add(sum, coefficient, factors) {
  const key = factors.join(' ');
  const total = (sum.get(key)?.coefficient ?? 0) + coefficient;
  if (total === 0) sum.delete(key);
  else sum.set(key, { coefficient: total, factors });
}

function tooMany(what) {
  return new Error(
    `this filter combines too many ${what}: use fewer, or list the values of one field with "is one of"`,
  );
}
