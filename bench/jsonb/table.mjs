// The figures of a run as a table.

import { few, short, table, targetRows, whole } from '../report/markdown.mjs';
import { spread } from '../report/summary.mjs';

/** How many times as long as the log SQL is to take at the least, once it has read the summaries, and before that. */
const GOALS = { then: 5, first: 0.5 };

/** The questions of a run, with their medians. */
const answered = ({ questions }) =>
  questions.map(({ title, times }) => {
    const [first, then, sql] = ['first', 'then', 'sql'].map((key) => spread(times[key]).median);
    return { title, first, then, sql, ratios: { first: sql / first, then: sql / then } };
  });

/** A ratio, which is bold where it misses the goal. */
const shown = (ratio, goal) => (ratio >= goal ? few(ratio) : `**${few(ratio)}**`);

/** @param {object} run - A run. @returns {string} Its tables, in Markdown. */
export function renderTable(run) {
  const found = answered(run);
  const least = (key) => Math.min(...found.map(({ ratios }) => ratios[key]));
  const targets = [
    { title: 'SQL ÷ then, the least', key: 'then' },
    { title: 'SQL ÷ first, the least', key: 'first' },
  ].map(({ title, key }) => {
    const value = least(key);
    return { title, goal: '', atLeast: GOALS[key], value, isMet: value >= GOALS[key] };
  });
  const rows = found.map(({ title, first, then, sql, ratios }) => [
    title,
    ...[sql, first, then].map(short),
    shown(ratios.first, GOALS.first),
    shown(ratios.then, GOALS.then),
  ]);
  const bytes = Object.entries({ log: 'the log', blocks: 'its summaries', jsonb: 'SQL' });
  const sizes = bytes.map(([key, title]) => `${title} ${whole(run.bytes[key])}`).join(', ');
  return [
    targetRows(targets),
    table(['', 'SQL, ms', 'first, ms', 'then, ms', 'SQL ÷ first', 'SQL ÷ then'], rows),
    `${whole(run.events)} events. Bytes of an event on disk, with indexes: ${sizes}.`,
  ].join('\n\n');
}
