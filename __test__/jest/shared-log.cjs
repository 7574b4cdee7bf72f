'use strict';

const { mkdirSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

// Jest runs test files in its own process or in children of it; the same run is the same Jest.
const run = process.send === undefined ? process.pid : process.ppid;
const folder = join(tmpdir(), `codebolt-eventlog-jest-${run}`);
const USERS = 2;

/** The log file that the test files of one run share. */
exports.path = join(folder, 'log.redb');

/** Makes the folder, with whatever test file comes first. */
exports.enter = () => mkdirSync(folder, { recursive: true });

/** Removes the folder, with the test file that is last to leave. */
exports.leave = (name) => {
  writeFileSync(join(folder, `${name}.left`), '');
  const left = readdirSync(folder).filter((file) => file.endsWith('.left'));
  if (left.length === USERS) rmSync(folder, { recursive: true, force: true });
};
