'use strict';

// From which scripts the addon is looked for. The package may be where it was installed, or have gone into a bundle.

const { modules, path, url } = require('../builtins.js');

/**
 * What the name of this file ends with where the package was installed, below the folder of the package: it is published
 * as a part of another file.
 */
const OWN_NAMES = [path.join('lib', 'core-0.js'), path.join('lib', 'addon', 'scripts.js')];

/** Which of these a script's name ends with; `undefined` where that is another script. */
function ownNameOf(script) {
  return OWN_NAMES.find((name) => script?.endsWith(path.sep + name));
}

/** Whether that script is this file where the package was installed, and no bundle of a program. */
function isInstalled(script) {
  return ownNameOf(script) !== undefined;
}

/** The folder in which a script has its addon, if it is not in a package: that of the script, or of this package. */
function folderOf(script) {
  const own = ownNameOf(script);
  return own === undefined ? path.dirname(script) : script.slice(0, -own.length);
}

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
function* scriptsHere() {
  if (isScript(typeof __filename === 'string' ? __filename : undefined)) yield __filename;
  let onStack;
  try {
    onStack = scriptOnStack();
  } catch {
    // A program may have frozen errors, or have taken charge of their stacks.
  }
  for (const script of [onStack, process.argv[1]]) if (isScript(script)) yield script;
}

function isScript(name) {
  return typeof name === 'string' && path.isAbsolute(name);
}

/** The package's own script as another finds it: where packages do not see those of others, it alone sees its addon. */
function scriptOfPackage(script) {
  try {
    return modules.createRequire(script).resolve('codebolt-eventlog');
  } catch {
    return undefined;
  }
}

/** All of them, each once, the nearest first. Each is looked for once those before it have not found the addon. */
function* scriptsThatFindIt() {
  const given = new Set([undefined]);
  for (const script of scriptsHere()) {
    for (const find of [() => script, () => scriptOfPackage(script)]) {
      const found = find();
      if (given.has(found)) continue;
      given.add(found);
      yield found;
    }
  }
}

module.exports = { folderOf, isInstalled, scriptsThatFindIt };
