// What the command lines of longer runs have in common. Nothing here needs an installed package.

import { parseArgs } from 'node:util';

/** An option that was not understood. */
export class OptionError extends Error {}

/**
 * @param {string[]} parameters - What the program was given.
 * @param {object} options - The options that there are, as `parseArgs` takes them.
 * @returns {object} The values of those that were given, as texts.
 */
export function readOptions(parameters, options) {
  try {
    return parseArgs({ args: parameters, options, strict: true }).values;
  } catch (error) {
    throw new OptionError(error.message);
  }
}

/**
 * Runs a program with the options that it was given, or shows its help. An option that was not understood is told of, and the
 * exit code is 2.
 *
 * @param {string} script - The name of the script that npm runs it by.
 * @param {{ help: string, parseOptions: (parameters: string[]) => object }} commandLine - Its command line.
 * @param {(options: object) => Promise<number | void>} main - What it does. It may give the exit code.
 */
export async function runProgram(script, { help, parseOptions }, main) {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) process.stdout.write(help);
    else process.exitCode = await main(options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(`${error.message}\nnpm run ${script} -- --help lists the options.`);
    process.exitCode = 2;
  }
}

/**
 * @param {string} name - The name of an option.
 * @param {string} text - What it was given.
 * @param {{ max: number, step?: number }} range - The most that it may be, and what it has to be a
 *   multiple of.
 * @returns {number} The number, which is above 0.
 */
export function numberOption(name, text, { max, step }) {
  const value = Number(text);
  const isStep = step === undefined || value % step === 0;
  if (value > 0 && value <= max && isStep) return value;
  const kinds = { undefined: 'a number above 0', 1: 'a whole number from 1' };
  const kind = kinds[step] ?? `a multiple of ${step}`;
  throw new OptionError(`--${name}: expected ${kind} up to ${max}, found '${text}'`);
}

/**
 * @param {string} option - The name of an option.
 * @param {string[] | undefined} lists - Lists of names, separated by commas.
 * @param {string[]} known - The names that there are.
 * @returns {string[] | undefined} The names that were given, or `undefined` where the option was not.
 */
export function namesOption(option, lists, known) {
  if (lists === undefined) return undefined;
  const given = lists.flatMap((list) => list.split(',')).map((name) => name.trim());
  for (const name of given) {
    if (known.includes(name)) continue;
    throw new OptionError(`--${option}: expected one of ${known.join(', ')}; found '${name}'`);
  }
  return given;
}

/**
 * @param {string[]} names - Names.
 * @returns {string} Lines of them, indented as the help is.
 */
export function wrapped(names) {
  const lines = [''];
  for (const name of names) {
    if (lines.at(-1).length + name.length > 78) lines.push('');
    lines[lines.length - 1] += `${name}, `;
  }
  return lines
    .map((line) => line.trimEnd())
    .join('\n           ')
    .replace(/,$/, '');
}
