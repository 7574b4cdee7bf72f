// The figures of a run as tables.

import { few, mebibytes, section, short, table, targetRows, whole } from '../report/markdown.mjs';
import { spread } from '../report/summary.mjs';
import { systems } from './systems/index.mjs';

const median = (values) => spread(values).median;

/** The figures of all rounds; none where it was not measured. */
const figuresOf = ({ rounds }, name) => rounds.map((round) => round[name]).filter(Boolean);

const titles = { readAll: 'all events', readStreams: '200 streams' };

/** @param {object} run - A run. @returns {string} Its tables, in Markdown. */
export function renderTables(run) {
  const parts = [
    ['Goals', targetRows(checkTargets(run))],
    ['Reading in a row', reading(run)],
    ['Following', following(run)],
    ['What guards cost an append', guards(run)],
  ];
  return parts
    .filter(([, text]) => text !== undefined)
    .map(([title, text]) => section(title, text))
    .join('\n\n');
}

const ratesOf = (run, kind, system) =>
  figuresOf(run, `${kind} ${system}`).map(({ eventsPerSecond }) => eventsPerSecond);

/** A median, with the lowest and the highest. */
function range(values, write) {
  return `${write(median(values))} (${write(Math.min(...values))}–${write(Math.max(...values))})`;
}

function reading(run) {
  if (ratesOf(run, 'readAll', 'eventlog').length === 0) return undefined;
  const rows = systems.map(({ name, title }) => [
    title,
    ...Object.keys(titles).map((kind) => {
      const [own, these] = ['eventlog', name].map((system) => ratesOf(run, kind, system));
      const ratio = name === 'eventlog' ? '' : ` · ${few(median(these) / median(own))}×`;
      return range(these, whole) + ratio;
    }),
    mebibytes(median(figuresOf(run, `readAll ${name}`).map(({ residentBytes }) => residentBytes))),
  ]);
  const header = ['events/s, with payload and metadata as objects', ...Object.values(titles)];
  const objects = table([...header, 'MiB more in memory, all events'], rows);
  const lines = ratesOf(run, 'readLines', 'eventlog');
  if (lines.length === 0) return objects;
  const ratio = few(median(lines) / median(ratesOf(run, 'readAll', 'lmdb')));
  const text = `As JSON Lines (\`format: 'jsonl'\`), codebolt-eventlog gives out ${range(lines, whole)} events/s of all: ${ratio} times as many as lmdb gives out as objects.`;
  return `${objects}\n\n${text}`;
}

function following(run) {
  const [here, elsewhere] = ['follow here', 'follow elsewhere'].map((name) => figuresOf(run, name));
  if (here.length === 0) return undefined;
  const row = (title, figures) => [
    title,
    ...['p50Ms', 'p99Ms', 'mostMs'].map((key) =>
      range(
        figures.map((one) => one[key]),
        few,
      ),
    ),
  ];
  const idle = figuresOf(run, 'idle').map(({ share }) => 100 * share);
  return [
    table(
      ['ms from the answer of an append to the event at a follower', 'p50', 'p99', 'most'],
      [row('in the same process', here), row('in another process', elsewhere)],
    ),
    `A process that follows, and to which nothing comes, takes ${range(idle, few)} % of a processor.`,
  ].join('\n\n');
}

const guardTitles = {
  plain: 'none',
  expectedSequence: '`expectedSequence`',
  orderedKey: '`idempotencyKey`, keys in order',
  randomKey: '`idempotencyKey`, UUIDs',
};

/** How much longer an append takes with a guard than without, in percent: of all windows, the median. */
function cost(run, inFlight, guard) {
  const figures = figuresOf(run, `guard ${inFlight}`);
  const ratios = figures.flatMap((rates) => rates.plain.map((rate, i) => rate / rates[guard][i]));
  return ratios.length === 0 ? undefined : 100 * (median(ratios) - 1);
}

function guards(run) {
  if (figuresOf(run, 'guard 1').length === 0) return undefined;
  const cell = (inFlight, guard) => {
    const rates = figuresOf(run, `guard ${inFlight}`).flatMap((figures) => figures[guard]);
    const more = guard === 'plain' ? '' : ` · ${signed(cost(run, inFlight, guard))} %`;
    return short(median(rates)) + more;
  };
  const rows = Object.entries(guardTitles).map(([guard, title]) => [
    title,
    cell(1, guard),
    cell(1024, guard),
  ]);
  return table(['appends/s, and how much longer one takes', '1 in flight', '1024 in flight'], rows);
}

const signed = (value) => `${value < 0 ? '−' : '+'}${few(Math.abs(value))}`;

/** What is to be reached. */
function checkTargets(run) {
  const rate = (kind, system) => {
    const rates = ratesOf(run, kind, system);
    return rates.length === 0 ? undefined : median(rates);
  };
  const ratio = (kind, theirKind = kind) => {
    const [own, theirs] = [rate(kind, 'eventlog'), rate(theirKind, 'lmdb')];
    return own === undefined ? undefined : own / theirs;
  };
  const delay = (name) => {
    const figures = figuresOf(run, name).map(({ p50Ms }) => p50Ms);
    return figures.length === 0 ? undefined : median(figures);
  };
  const targets = [
    ['all events', 'events/s', { atLeast: 300_000 }, rate('readAll', 'eventlog')],
    ['all events', '× lmdb', { atLeast: 1.5 }, ratio('readAll')],
    ['all events as lines', '× lmdb as objects', { atLeast: 4 }, ratio('readLines', 'readAll')],
    ['streams', '× lmdb', { atLeast: 1 }, ratio('readStreams')],
    [
      'a follower in the same process, p50',
      'ms after the answer',
      { atMost: 2 },
      delay('follow here'),
    ],
    [
      'a follower in another process, p50',
      'ms after the answer',
      { atMost: 50 },
      delay('follow elsewhere'),
    ],
    ...[1, 1024].flatMap((inFlight) => [
      [
        `\`expectedSequence\`, ${inFlight} in flight`,
        '% more',
        { atMost: 5 },
        cost(run, inFlight, 'expectedSequence'),
      ],
      [
        `\`idempotencyKey\` in order, ${inFlight} in flight`,
        '% more',
        { atMost: 30 },
        cost(run, inFlight, 'orderedKey'),
      ],
      [
        `\`idempotencyKey\` at random, ${inFlight} in flight`,
        '% more',
        { atMost: 30 },
        cost(run, inFlight, 'randomKey'),
      ],
    ]),
  ];
  return targets.map(([title, goal, bound, value]) => ({
    title,
    goal,
    ...bound,
    value,
    isMet: value === undefined ? undefined : isMet(value, bound),
  }));
}

const isMet = (value, { atLeast = -Infinity, atMost = Infinity }) =>
  value >= atLeast && value <= atMost;
