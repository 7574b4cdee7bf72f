'use strict';

// The addon of the package that keeps logs in PostgreSQL. It is looked for once somebody opens such a log.

const { modules } = require('../builtins.js');
const version = require('../version.js');
const { failed, failure, otherVersion } = require('./failure.js');
const { platformName } = require('./platform.js');
const { scriptsThatFindIt } = require('./scripts.js');

const NAME = 'codebolt-eventlog-postgres';

let loaded;

/** The addon; `undefined` if the package is not there. Throws if it is, and has none that can be used here. */
function postgresAddon() {
  loaded ??= load();
  return loaded;
}

function load() {
  const script = [...scriptsThatFindIt()].find(finds);
  if (script === undefined) return undefined;
  const addon = loadFrom(script);
  if (addon === undefined) {
    const name = `${NAME}-${platformName()}`;
    throw failure(
      `expected the package ${name}, found none beside ${NAME}: npm install ${name}@${version} adds it`,
    );
  }
  if (addon.version?.() !== version) throw otherVersion(NAME, addon.version?.());
  return addon;
}

function finds(script) {
  try {
    modules.createRequire(script).resolve(NAME);
    return true;
  } catch {
    return false;
  }
}

function loadFrom(script) {
  try {
    return modules.createRequire(script)(NAME).load(platformName());
  } catch (error) {
    throw failed(error, NAME);
  }
}

module.exports = { postgresAddon };
