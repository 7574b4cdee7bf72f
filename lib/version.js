'use strict';

// The version of the package. A bundler without a plugin for JSON files cannot read package.json.
module.exports = '0.1.0';
