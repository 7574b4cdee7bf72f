'use strict';

// What the terminal can do, if there is one.

/** Whether the environment says that text is encoded otherwise than as UTF-8. */
function isOtherwiseEncoded(env, platform) {
  if (platform === 'win32') return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return locale !== '' && !/utf-?8/i.test(locale);
}

/** Whether what is written to `stream` is to have colours. `choice` is that of `--color`. */
function hasColor(stream, choice, env = process.env) {
  if (choice !== 'auto') return choice === 'always';
  // https://no-color.org: any value but the empty one.
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Whether what a person reads there has to be in ASCII. */
function isAscii(stream, { env = process.env, platform = process.platform } = {}) {
  return stream.isTTY === true && isOtherwiseEncoded(env, platform);
}

const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], cyan: [36, 39] };

/** Gives a text a style, by its name. Without colours it leaves the text as it is. */
function painter(colored) {
  return (style, text) => {
    if (!colored || style === undefined || text === '') return text;
    const [on, off] = STYLES[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

module.exports = { hasColor, isAscii, painter };
