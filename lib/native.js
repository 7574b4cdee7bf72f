'use strict';

// The addon: found, loaded, and known to be of this version. An import of the package fails where that cannot be.

const { loadPackage } = require('#addon-packages');

const { platformName } = require('./addon/platform.js');
const { scriptsThatFindIt } = require('./addon/scripts.js');
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
    const file = path.join(path.dirname(script), `codebolt-eventlog.${platform}.node`);
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
    const addon = loadPackage(platform, script);
    return addon && { name, addon };
  } catch (error) {
    throw failures().failed(error, name);
  }
}

/** @type {{ name: string, addon: typeof import('../native.js') }} */
const { name, addon } = load();
// What crosses over between the two is laid out anew in any version.
if (addon.version?.() !== version) throw failures().otherVersion(name, addon.version?.());

module.exports = addon;
