'use strict';

module.exports = require('./lib/evidence/exports.js');
