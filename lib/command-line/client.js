'use strict';

// Another `codebolt.eventLog`, which the command line finds by an address or in a module.

const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const { invalid } = require('./failure.js');

const SERVER = 'codebolt-eventlog-server';

const isAddress = (text) => /^(?:https?|wss?):\/\//i.test(text);

/** How a program in the working directory would find a module. */
const fromHere = () => createRequire(join(process.cwd(), '_'));

/** The path of a package's module, where it is beside this package: code of the working directory is not run unasked. */
function pathOf(specifier) {
  try {
    return createRequire(__filename).resolve(specifier);
  } catch (error) {
    if (error?.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

/** A client of a server at an address. */
async function connected(address) {
  const path = pathOf(`${SERVER}/client`);
  if (path === undefined) {
    throw invalid(`an address needs the package ${SERVER} beside this one: npm install ${SERVER}`);
  }
  const { connect } = await import(pathToFileURL(path).href);
  const token = process.env.CODEBOLT_EVENTLOG_TOKEN || undefined;
  return connect(address, { token });
}

/** The path of a module: of a file, or as a program in the working directory would name it. */
function moduleOf(name) {
  if (/^file:/i.test(name)) return name;
  if (/^\.{0,2}[\\/]/.test(name) || existsSync(name)) return pathToFileURL(resolve(name)).href;
  try {
    return pathToFileURL(fromHere().resolve(name)).href;
  } catch (error) {
    throw invalid(
      `cannot find the module ${name} (${error.code}): name a file, such as ./client.mjs, that exports eventLog`,
    );
  }
}

/** What a module has as its `eventLog`, or is. */
async function exported(name) {
  const href = moduleOf(name);
  let found;
  try {
    found = await import(href);
  } catch (error) {
    throw invalid(`cannot load the module ${name}: ${error?.message ?? error}`);
  }
  const names = [found, found.default, found.default?.default];
  const clients = [...names.map((each) => each?.eventLog), ...names];
  const client = clients.find((each) => typeof each?.queryEvents === 'function');
  if (client !== undefined) return client;
  throw invalid(`expected ${name} to export eventLog with queryEvents, found none`);
}

/**
 * The client of a name.
 *
 * @param {string} name - The address of a server, the path of a module, or what a program in the working directory imports.
 * @returns {Promise<{ queryEvents(query: object): Promise<any>, close?(): Promise<void> }>} Its `eventLog`.
 */
function clientOf(name) {
  return isAddress(name) ? connected(name) : exported(name);
}

module.exports = { clientOf };
