'use strict';

// For which platform the addon has to be, as its package is named: `linux-x64-gnu`.

const { fs } = require('../builtins.js');

/** So many bytes at the start of a program have the name of the loader that it asks for, if it asks for one. */
const HEAD_BYTES = 4096;

/** The C library of this program, which the addon shares with it: `gnu` or `musl`. */
function libc() {
  const head = headOfProgram();
  if (head.includes('/ld-musl-')) return 'musl';
  if (head.includes('/ld-linux-')) return 'gnu';
  // A program that is linked statically, or that was changed after it was made. The report takes some milliseconds.
  return nameInReport();
}

function headOfProgram() {
  let file;
  try {
    file = fs.openSync(process.execPath, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    fs.readSync(file, head, 0, HEAD_BYTES, 0);
    return head.toString('latin1');
  } catch {
    // It may be that reading is not permitted, which the report does not need.
    return '';
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

function nameInReport() {
  try {
    /** What the types of Node.js do not have of a report. @type {any} */
    const { report } = process;
    report.excludeNetwork = true;
    return report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'gnu';
  } catch {
    // Deno, whose builds are all for glibc, asks for one more permission here.
    return 'gnu';
  }
}

/** The name of this platform, whether there is a package for it or not. */
function platformName() {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${libc()}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

module.exports = { platformName };
