'use strict';

// From which scripts the addon is looked for. The package may be where it was installed, or have gone into a bundle.

const { modules, path, url } = require('../builtins.js');

/** The script that is running this code, as its stack has it. */
function scriptOnStack() {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, frames) => frames[0]?.getFileName();
  try {
    const name = new Error('its stack is the name').stack;
    return name?.startsWith('file:') ? url.fileURLToPath(name) : name;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * This file where it was installed. In a bundle: the script that it went into, and the one that was started.
 *
 * Bundlers put a name of their own into `__filename`, or leave it undefined in an ES module. The folder that a program is
 * started in is none of these: whoever can write there must not choose the code that runs.
 */
function scriptsHere() {
  const scripts = [typeof __filename === 'string' ? __filename : undefined, process.argv[1]];
  try {
    scripts.splice(1, 0, scriptOnStack());
  } catch {
    // A program may have frozen errors, or have taken charge of their stacks.
  }
  return scripts.filter((name) => typeof name === 'string' && path.isAbsolute(name));
}

/** The package's own script as another finds it: where packages do not see those of others, it alone sees its addon. */
function scriptOfPackage(script) {
  try {
    return modules.createRequire(script).resolve('codebolt-eventlog');
  } catch {
    return undefined;
  }
}

/** All of them, each once, the nearest first. */
function scriptsThatFindIt() {
  const found = scriptsHere().flatMap((script) => [script, scriptOfPackage(script)]);
  return [...new Set(found)].filter((script) => script !== undefined);
}

module.exports = { scriptsThatFindIt };
