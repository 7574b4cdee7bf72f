'use strict';

// What the exports and imports of a log call.

const { EXPORT_EVENTS, IMPORT_EVENTS, READ_ALL } = require('../methods.js');
const { readingCalls } = require('../reading/calls.js');
const { read } = require('../reading/reader.js');

/** What an export is made with: `step` has a page made, of which `takePage` takes the bytes. */
function exportingCalls(connection) {
  return {
    create: (text) => connection.addon.createExport(EXPORT_EVENTS.number, text),
    step: (made) => connection.step(EXPORT_EVENTS, 'exportPage', [made]),
    takePage: (made) => connection.addon.takePage(made),
  };
}

/**
 * What an import is made with: `step` stores lines, `withdraw` has lines not be stored that wait for their turn, and
 * `readStored` reads what was there before. `onClose` tells when the log is closed.
 */
function importingCalls(connection, getInstance) {
  return {
    create: () => connection.addon.createImport(IMPORT_EVENTS.number),
    step: (until, ...given) => connection.change(IMPORT_EVENTS, 'importLines', given, until),
    withdraw: (made) => connection.addon.withdrawLines(made),
    onClose: (listener) => connection.onClose(listener),
    getInstance,
    // What is stored is compared, whatever the program makes of that.
    readStored: (range) => read(readingCalls(connection, undefined, READ_ALL), range),
  };
}

module.exports = { exportingCalls, importingCalls };
