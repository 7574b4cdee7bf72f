// What was measured of servers, as a document has it.

import { describeCommit, describeMachine } from '../../scripts/machine.mjs';

/** At which parts of a run its memory is told. */
const PARTS = [1 / 4, 1 / 2, 3 / 4, 1];

/**
 * The report, in Markdown.
 *
 * @param {object} measured - `throughputs` and `steady`, as the two measurements give them.
 * @param {object} tasks - `fast` and `steady`: what they were told; `rounds` of the first.
 * @param {string} data - The folder that the logs were in.
 */
export function reportOf({ throughputs, steady }, tasks, data) {
  const { cpu, cores, node } = describeMachine(data);
  const { commit, isDirty } = describeCommit();
  const dirty = isDirty ? ' with changes' : '';
  return `Commit \`${commit.slice(0, 7)}\`${dirty}, ${cpu}, ${cores} cores, Node.js ${node}. Clients and server share the machine.

${fastTable(throughputs, tasks)}

${steadyTable(steady, tasks.steady)}
`;
}

function fastTable(throughputs, { fast, rounds }) {
  const rows = [...throughputs].map(([name, results]) => {
    const middle = (key) => median(results.map((result) => result[key]));
    const keys = ['perSecond', 'p50', 'p99', 'serverCores', 'clientCores'];
    return { name, ...Object.fromEntries(keys.map((key) => [key, middle(key)])) };
  });
  const [{ perSecond: own }] = rows;
  const lines = rows.map(
    ({ name, perSecond, p50, p99, serverCores, clientCores }) =>
      `| ${name} | ${count(perSecond)} | ${(perSecond / own).toFixed(2)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${coresOf(serverCores)} | ${coresOf(clientCores)} |`,
  );
  return `${fast.clients} callers, each of which appends an event of 300 bytes when its last one was answered (median of ${rounds} rounds of ${fast.seconds} seconds). "Without a log" is a server of \`ws\` that parses and stores nothing: what the sockets cost by themselves, whatever is behind them.

| | appends/s | of those in the process | p50, ms | p99, ms | cores at work, server | clients |
| --- | --: | --: | --: | --: | --: | --: |
${lines.join('\n')}`;
}

function steadyTable(results, { rate, seconds, warmUp }) {
  const lines = results.map((result) => {
    const { name, clients, sent, perSecond, unsent, refused, p50, p99, memory, lost } = result;
    const cells = [
      clients * rate,
      Math.round(sent / seconds),
      perSecond,
      Math.round(unsent / seconds),
      refused,
    ].map(count);
    const times = [p50, p99].map((time) => time.toFixed(1));
    const row = [count(clients), name, ...cells, ...times, memoryOver(memory), lost ?? '–'];
    return `| ${row.join(' | ')} |`;
  });
  return `Connected clients, each of which sends ${rate} appends a second for ${seconds - warmUp} seconds, and the same to the server without a log: where that does not keep up, this machine does not, and times are those of a queue. A client that waits for the answers to 5 seconds of its requests does not send what is due.

| clients | server | due/s | sent/s | answered/s | not sent/s | refused | p50, ms | p99, ms | memory after a quarter, a half, three quarters and all of the time, MiB | acknowledged and lost when it was killed |
| --: | --- | --: | --: | --: | --: | --: | --: | --: | --- | --: |
${lines.join('\n')}`;
}

/** The memory at parts of a run. */
function memoryOver(memory) {
  if (memory.length === 0) return '–';
  const at = (part) => memory[Math.min(memory.length - 1, Math.floor(memory.length * part))];
  return PARTS.map(at).map(count).join(', ');
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function coresOf(number) {
  return Number.isFinite(number) ? number.toFixed(2) : '–';
}

function count(number) {
  return number.toLocaleString('en');
}
