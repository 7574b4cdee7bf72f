'use strict';

// The addon: found, loaded, and known to be of this version. An import of the package fails where that cannot be.

const { platformName } = require('./addon/platform.js');
const { folderOf, isInstalled, scriptsThatFindIt } = require('./addon/scripts.js');
const { fs, modules, path } = require('./builtins.js');
const { permittedValue } = require('./environment.js');
const version = require('./version.js');

/** Names the file that is loaded. Nothing else is looked for then. */
const VARIABLE = 'CODEBOLT_EVENTLOG_ADDON';

/** Why there is none, which is loaded if there is none. */
const failures = () => require('./addon/failure.js');

/** Loads the addon, and tells what it was loaded by. */
function load() {
  const given = permittedValue(VARIABLE);
  if (given) return loadFile(path.resolve(given), `${VARIABLE}: ${given}`);
  const platform = platformName();
  const looked = [];
  for (const script of scriptsThatFindIt()) {
    looked.push(script);
    const file = path.join(folderOf(script), `codebolt-eventlog.${platform}.node`);
    const loaded = fs.existsSync(file) ? loadFile(file, file) : loadPackageFor(platform, script);
    if (loaded !== undefined) return loaded;
  }
  throw failures().missing(platform, looked);
}

function loadFile(file, name) {
  try {
    return { name, addon: modules.createRequire(file)(file) };
  } catch (error) {
    throw failures().failed(error, name);
  }
}

/** The addon of the package that `script` finds; `undefined` if it finds none. */
function loadPackageFor(platform, script) {
  const name = `codebolt-eventlog-${platform}`;
  try {
    const addon = loadInstalled(name, script) ?? loadByList(platform, script);
    return addon && { name, addon };
  } catch (error) {
    throw failures().failed(error, name);
  }
}

/**
 * The addon of that package where this one was installed beside it; `undefined` if it was not. The list would find it
 * too, but Node.js takes some milliseconds to find that by a name such as `#addon-packages`.
 */
function loadInstalled(name, script) {
  if (!isInstalled(script)) return undefined;
  try {
    return modules.createRequire(script)(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/** The addon of the package that `script` finds, of those that bundlers are to know; `undefined` if it finds none. */
function loadByList(platform, script) {
  return require('#addon-packages').loadPackage(platform, script);
}

/** @type {{ name: string, addon: typeof import('../native.js') }} */
const { name, addon } = load();
// What crosses over between the two is laid out anew in any version.
if (addon.version?.() !== version) throw failures().otherVersion(name, addon.version?.());

module.exports = addon;
