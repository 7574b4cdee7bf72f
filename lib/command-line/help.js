'use strict';

// The help, from the table of commands.

const { COMMANDS, GROUP, PROGRAM, UPSTREAM } = require('./commands.js');
const { COMMON, optionsOf } = require('./options.js');

const INDENT = '  ';

/** Lines with a name and what it is, in two columns. */
function listed(pairs) {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, about]) => `${INDENT}${name.padEnd(width)}  ${about}`).join('\n');
}

/** How an option is written. */
function written([name, { short, value }]) {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

function optionLines(options) {
  const entries = Object.entries(options);
  return listed(entries.map((entry) => [written(entry), entry[1].about]));
}

/** How a command is called. */
function usageOf(name, { words, hasLog = true }) {
  return [PROGRAM, name, '[options]', ...(hasLog ? ['[LOG]'] : []), ...words].join(' ');
}

/** The help of one command. */
function commandHelp(name, command) {
  const { summary, details = [], examples } = command;
  const options = optionsOf(command);
  const { hasLog = true } = command;
  const parts = [`${summary}\n`, `Usage: ${usageOf(name, command)}\n`];
  if (hasLog) parts.push('LOG is the file of the log, in the place of --log.\n');
  if (details.length > 0) parts.push(`${details.join('\n')}\n`);
  if (Object.keys(options).length > 0) parts.push(`Options:\n${optionLines(options)}\n`);
  parts.push(`Options of every command:\n${optionLines(COMMON)}\n`);
  const lines = examples.map(([call, about]) => `${INDENT}# ${about}\n${INDENT}${PROGRAM} ${call}`);
  parts.push(`Examples:\n${lines.join('\n')}\n`);
  return parts.join('\n');
}

/** The help of the program. */
function programHelp() {
  const commands = Object.entries(COMMANDS).map(([name, load]) => [name, load().summary]);
  const upstream = Object.entries(UPSTREAM).map(([word, name]) => [
    `${GROUP} ${word}`,
    word === name ? `is ${name}` : `is ${name}: ${COMMANDS[name]().summary}`,
  ]);
  return [
    `Looks into an event log, watches it, and looks after it.\n`,
    `Usage: ${PROGRAM} COMMAND [options] [LOG] …\n`,
    `Commands:\n${listed(commands)}\n`,
    `The SDK's words:\n${listed(upstream)}\n`,
    `Options of every command:\n${optionLines(COMMON)}\n`,
    `${PROGRAM} COMMAND --help tells more, with examples. --version prints the version.\n`,
  ].join('\n');
}

module.exports = { commandHelp, programHelp, usageOf };
