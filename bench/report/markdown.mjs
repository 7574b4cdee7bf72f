// Numbers, tables and sections in Markdown.

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A number in full. */
export const whole = (value) => counts.format(value);

/** The first three digits of a number. */
export const few = (value) => digits.format(value);

/** A number with three digits, or in full where it has more before the point. */
export const short = (value) => (value >= 1000 ? whole(value) : few(value));

/** Bytes as MiB. */
export const mebibytes = (value) => short(value / 2 ** 20);

/** A heading, and what is under it. */
export function section(title, text) {
  return `### ${title}\n\n${text}`;
}

/** A table: the first column to the left, the others to the right. */
export function table(header, rows) {
  const alignment = header.map((_, i) => (i === 0 ? '---' : '---:'));
  return [header, alignment, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * @param {object[]} checked - Targets with what was measured.
 * @returns {string} A table of them.
 */
export function targetRows(checked) {
  const rows = checked.map(({ title, goal, atLeast, atMost, value, isMet }) => [
    title,
    `${atLeast === undefined ? '≤' : '≥'} ${few(atLeast ?? atMost)} ${goal}`,
    value === undefined ? 'not measured' : few(value),
    isMet === undefined ? '' : isMet ? 'met' : '**missed**',
  ]);
  return table(['', 'goal', 'measured', ''], rows);
}
