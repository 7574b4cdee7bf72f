// The suites: what each is, how much it does, and its figures in words. They are loaded when they run:
// they need the addon, and the list of them does not.

import { join } from 'node:path';

const count = (number) => number.toLocaleString('en-US');
const milliseconds = (value) => `${value.toPrecision(3)} ms`;
const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toPrecision(3)} s`);
const megabytes = (bytes) => `${count(Math.round(bytes / 1e6))} MB`;

/**
 * @typedef {object} Suite
 * @property {string} name - Its name on the command line.
 * @property {string} title - What it does.
 * @property {string} unit - What its amounts are of.
 * @property {number} full - The amount of a full run.
 * @property {number} quick - The amount of a quick run.
 * @property {(run: object) => Promise<object>} run - Does as much as `amount` says in the folder `data`,
 *   from the first seed `seed`; `tell` hears how much of it is done. Returns figures.
 * @property {(figures: object) => string[]} describe - The figures in words.
 * @property {string} [results] - Where it has results of its own: what they are called, in files and in the document.
 */

/** @type {Suite[]} */
export const suites = [
  {
    name: 'simulation',
    title: 'power losses, kills and faults on a simulated disk',
    unit: 'seeds',
    full: 4000,
    quick: 60,
    async run({ amount, seed, tell }) {
      const { simulate } = await import('./simulation.mjs');
      return simulate({ seeds: amount, first: seed, tell });
    },
    describe: (figures) => [inWords(figures)],
  },
  {
    name: 'calls',
    title: 'guards, consumers, projections and subscriptions on such a disk',
    unit: 'seeds',
    full: 5000,
    quick: 60,
    async run({ amount, seed, tell }) {
      const { simulateCalls } = await import('./simulation.mjs');
      return simulateCalls({ seeds: amount, first: seed, tell });
    },
    describe: (figures) => [inWords(figures)],
  },
  {
    name: 'answers',
    title: 'queries against looking at each event',
    unit: 'seeds',
    full: 2000,
    quick: 20,
    async run({ amount, seed, tell }) {
      const { compareAnswers } = await import('./simulation.mjs');
      return compareAnswers({ seeds: amount, first: seed, tell });
    },
    describe: (figures) => [inWords(figures)],
  },
  {
    name: 'kills',
    title: 'processes killed with `SIGKILL`',
    unit: 'kills',
    full: 1000,
    quick: 20,
    async run({ amount, data, tell }) {
      const { killWriters } = await import('./kills.mjs');
      return killWriters({ kills: amount, folder: data, tell });
    },
    describe: ({
      kills,
      opening,
      appending,
      closing,
      files,
      checks,
      acknowledged,
      slowestOpenMs,
    }) => [
      `${count(kills)} kills (${count(opening)} while opening, ${count(appending)} while appending, ${count(closing)} while closing) of ${count(files)} logs`,
      `${count(acknowledged)} acknowledged events, looked for in ${count(checks)} checks`,
      `slowest opening after a kill ${milliseconds(slowestOpenMs)}`,
    ],
  },
  {
    name: 'pauses',
    title: 'processes stopped with `SIGSTOP`, that go on or are killed',
    unit: 'pauses',
    full: 300,
    quick: 6,
    async run({ amount, data, tell }) {
      const { pauseWriters } = await import('./pauses.mjs');
      return pauseWriters({ pauses: amount, folder: data, tell });
    },
    describe: ({ pauses, kills, files, acknowledged, locked, unread, ends, slowestMs }) => [
      `${count(pauses)} pauses of one of three writers of ${count(files)} logs, ${count(kills)} of which were killed then`,
      `${count(acknowledged)} acknowledged events, all of them there; ${count(locked)} calls \`LOCKED\`, none of which is there`,
      `during each pause: answers to the other writers, a subscription, a check, an opening, and a process that ended (${count(ends)}; reading was \`LOCKED\` ${count(unread)} times); all of it within ${milliseconds(slowestMs)}`,
    ],
  },
  {
    name: 'guards',
    title: 'guarded appends by processes that are killed, and a follower',
    unit: 'kills',
    full: 300,
    quick: 6,
    async run({ amount, data, tell }) {
      const { guardAppends } = await import('./guards.mjs');
      return guardAppends({ kills: amount, folder: data, tell });
    },
    describe: ({ kills, files, calls, successes, events, followed, openings }) => [
      `${count(kills)} kills, with four processes on each of ${count(files)} logs`,
      `${count(calls)} calls with \`expectedSequence\`, \`failIf\` or \`idempotencyKey\`, ${count(successes)} successes, ${count(events)} events: all answers are those of one order`,
      `${count(followed)} events followed, each once, through ${count(openings)} openings and a compaction after every four processes`,
    ],
  },
  {
    name: 'consumers',
    title: 'consumers in processes that are killed, and resets of them',
    unit: 'kills',
    full: 300,
    quick: 12,
    async run({ amount, data, tell }) {
      const { killConsumers } = await import('./consumers.mjs');
      return killConsumers({ kills: amount, folder: data, tell });
    },
    describe: ({ kills, files, orders, resets, results, acknowledged }) => [
      `${count(kills)} kills, with three processes that run the same consumers of each of ${count(files)} logs`,
      `${count(orders)} events, ${count(resets)} resets, ${count(results)} results with a \`checkpoint\`: one for each event since each reset`,
      `${count(acknowledged)} acknowledgements, none of which was forgotten`,
    ],
  },
  {
    name: 'exits',
    title: 'processes and threads that end in other ways',
    unit: 'ends of each way',
    full: 100,
    quick: 2,
    async run({ amount, data, tell }) {
      const { endWriters } = await import('./exits.mjs');
      return endWriters({ ends: amount, folder: data, tell });
    },
    describe: ({ acknowledged, checks, ...ways }) => [
      Object.entries(ways)
        .map(([way, times]) => `${count(times)} × \`${way}\``)
        .join(', '),
      `${count(acknowledged)} acknowledged events, looked for in ${count(checks)} checks`,
    ],
  },
  {
    name: 'full-disk',
    title: 'disks without room',
    unit: 'rounds',
    full: 3,
    quick: 1,
    async run({ amount, data, tell }) {
      const { disks, fillDisks } = await import('./full-disk.mjs');
      return fillDisks({ rounds: amount, names: Object.keys(disks), folder: data, tell });
    },
    describe: ({ stories, acknowledged, leftOut }) => [
      `${count(stories)} stories on disks that were full, and had room again`,
      `${count(acknowledged)} acknowledged events, all of them there, and no other`,
      ...leftOut.map((text) => `left out: ${text}`),
    ],
  },
  {
    name: 'reopening',
    title: 'large logs opened after a kill',
    unit: 'MB at the most',
    full: 5000,
    quick: 20,
    async run({ amount, data, tell }) {
      const { reopen } = await import('./reopening.mjs');
      return reopen({ sizes: sizesUpTo(amount), folder: data, tell });
    },
    describe: ({ rows }) =>
      rows.map(
        ({ mode, bytes, openMs, openMaxMs, appendMs }) =>
          `${megabytes(bytes)}, ${mode}: opened in ${milliseconds(openMs)} (at most ${milliseconds(openMaxMs)}), first append ${milliseconds(appendMs)}`,
      ),
  },
  {
    name: 'postgres',
    results: 'postgres',
    title: 'servers of PostgreSQL, their standbys, connections and processes that are lost',
    unit: 'kills of the primary, and of processes',
    full: 50,
    quick: 3,
    async run({ amount, data, tell, asBuilt }) {
      if (!asBuilt) await buildForPostgres();
      const { losePostgres } = await import('./postgres.mjs');
      return losePostgres({ kills: amount, folder: data, tell });
    },
    describe: unlessLeftOut(({ failovers, gaps, restarts, standbys, processes, cuts, ...rest }) => [
      `${count(failovers)} kills of the primary, after each of which a standby took its place: ${gapsInWords(gaps)}`,
      `${count(restarts)} restarts of the primary, ${count(standbys)} losses of one standby and then of both (nothing was answered until one was back), ${count(processes)} kills of processes`,
      `connections lost ${inWords(cuts)}`,
      whatIsThere(rest),
    ]),
  },
  {
    name: 'patroni',
    results: 'patroni',
    title: 'nodes of Patroni that lead, and their servers, which are lost',
    unit: 'losses of nodes, and of servers',
    full: 5,
    quick: 1,
    async run({ amount, data, tell, asBuilt }) {
      if (!asBuilt) await buildForPostgres();
      const { losePatroni } = await import('./patroni.mjs');
      return losePatroni({ kills: amount, folder: data, tell });
    },
    describe: unlessLeftOut(({ nodes, nodesGaps, servers, serversGaps, ...rest }) => [
      `${count(nodes)} losses of the node that leads, after each of which Patroni chose another one: ${gapsInWords(nodesGaps)}`,
      `${count(servers)} kills of the server of the node that leads, and not of Patroni: ${gapsInWords(serversGaps)}`,
      whatIsThere(rest),
    ]),
  },
];

/** Builds the addon that opens logs in PostgreSQL. */
async function buildForPostgres() {
  const { root, runNode } = await import('../../scripts/command.mjs');
  runNode([join(root, 'scripts', 'build.mjs'), '--postgres'], { stdio: ['ignore', 2, 2] });
}

function unlessLeftOut(describe) {
  return (figures) =>
    figures.leftOut === undefined ? describe(figures) : [`left out: ${figures.leftOut}`];
}

function whatIsThere({ acknowledged, logs }) {
  return `${count(acknowledged)} acknowledged events of ${count(logs)} logs, all of them there, without a gap or a repeat`;
}

function gapsInWords(gaps) {
  const [gap, ready, beyond] = ['gapMs', 'readyMs', 'beyondMs'].map(
    (name) => `${duration(gaps[name].longest)} (median ${duration(gaps[name].median)})`,
  );
  return `longest time between two answers ${gap}; longest until a commit of another client was answered ${ready}; longest gap beyond that ${beyond}`;
}

/** Sizes of logs, in bytes, the largest of so many megabytes. */
function sizesUpTo(amount) {
  return [100, 1000, amount]
    .filter((size, at) => size < amount || at === 2)
    .map((size) => size * 1e6);
}

function inWords(figures) {
  return Object.entries(figures)
    .map(([name, value]) => {
      if (typeof value === 'object') return inWords(value);
      const words = name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return typeof value === 'number' ? `${count(value)} ${words}` : `${words} ${value}`;
    })
    .join(', ');
}
