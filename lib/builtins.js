'use strict';

// The modules of Node.js that this package uses.
//
// They are asked for where that is possible (Node.js 20.16 and later), and not required: bundlers that make an ES module
// of this file put a `require` into it that only throws.

const get = (name) => process.getBuiltinModule?.(name);

module.exports = {
  // Two that most programs have no use for: loading them takes some time.
  get crypto() {
    return get('node:crypto') ?? require('node:crypto');
  },
  get stream() {
    return get('node:stream') ?? require('node:stream');
  },
  diagnostics: get('node:diagnostics_channel') ?? require('node:diagnostics_channel'),
  fs: get('node:fs') ?? require('node:fs'),
  modules: get('node:module') ?? require('node:module'),
  path: get('node:path') ?? require('node:path'),
  types: get('node:util/types') ?? require('node:util/types'),
  url: get('node:url') ?? require('node:url'),
  /** Few programs need it. */
  get zlib() {
    return get('node:zlib') ?? require('node:zlib');
  },
};
