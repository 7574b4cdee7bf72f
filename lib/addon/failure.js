'use strict';

// Why the addon is not there, and what to do.

const { modules } = require('../builtins.js');
const version = require('../version.js');
const { isInstalled } = require('./scripts.js');

/** The platforms that there are packages for. */
const PLATFORMS = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'linux-x64-gnu',
  'linux-x64-musl',
  'win32-arm64-msvc',
  'win32-x64-msvc',
];

/** The oldest C library that the addon of `-gnu` runs with. */
const GLIBC_MIN = '2.17';

/** What the import of the package fails with. */
function failure(text, cause) {
  const options = cause === undefined ? undefined : { cause };
  return Object.assign(new Error(`codebolt-eventlog: ${text}`, options), {
    code: 'ADDON_NOT_LOADED',
  });
}

/** The package of that platform is found from none of those scripts. */
function missing(platform, scripts) {
  if (!PLATFORMS.includes(platform)) {
    return failure(
      `expected one of the platforms ${PLATFORMS.join(', ')}, found ${platform}: build the addon ` +
        'from the sources, and name its file in CODEBOLT_EVENTLOG_ADDON',
    );
  }
  const name = `codebolt-eventlog-${platform}`;
  const others = PLATFORMS.filter((other) => scripts.some((script) => finds(script, other)));
  const found = others.length === 0 ? 'none' : `that of ${others.join(', ')}`;
  const text = `expected the package ${name}, found ${found}`;
  if (!isInstalled(scripts[0])) {
    return failure(
      `${text} from ${scripts.join(' or ') || 'the bundle'}: a bundle needs it in a node_modules there, or the ` +
        `file codebolt-eventlog.${platform}.node beside it`,
    );
  }
  if (scripts.some((script) => finds(script, `${platform}/package.json`))) {
    return failure(
      `expected the file codebolt-eventlog.${platform}.node in the package ${name}, found none: install the package again, ` +
        'or pack it with npm run pack if it comes from the sources',
    );
  }
  const reason =
    others.length === 0
      ? 'the install left it out, as --omit=optional does, and a lock file that does not name it'
      : 'node_modules was installed for another platform';
  return failure(`${text}: ${reason}; npm install ${name}@${version} adds it`);
}

/** Whether a script finds the package of that platform, or a file of it. */
function finds(script, place) {
  try {
    modules.createRequire(script).resolve(`codebolt-eventlog-${place}`);
    return true;
  } catch {
    return false;
  }
}

/** The addon is there, and cannot be loaded. `name` is its package, or its file. */
function failed(error, name) {
  if (error.code === 'ERR_DLOPEN_DISABLED') {
    const remedy = process.permission ? 'with --allow-addons' : 'without --no-addons';
    return failure(`${name}: Node.js was told to load no addons: start it ${remedy}`, error);
  }
  if (error.code === 'ERR_ACCESS_DENIED') {
    return failure(
      `${name}: Node.js may not read ${error.resource}: start it with --allow-fs-read for that`,
      error,
    );
  }
  if (error.name === 'NotCapable') {
    return failure(`${name}: Deno may not load it: ${error.message}`, error);
  }
  if (/\bGLIBC_/.test(error.message)) {
    return failure(
      `${name}: expected glibc ${GLIBC_MIN} or later, found an older one: ${error.message}`,
      error,
    );
  }
  return failure(
    `${name}: expected an addon that loads here, found one that does not: ${error.message}`,
    error,
  );
}

/** The addon was loaded, and is of another version than the JavaScript. */
function otherVersion(name, found) {
  return failure(
    `${name}: expected the addon of version ${version}, found ${found ?? 'one without a version'}: ` +
      'install or copy the two together',
  );
}

module.exports = { GLIBC_MIN, failed, failure, missing, otherVersion };
