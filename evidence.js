'use strict';

const {
  EvidenceError,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} = require('./lib/evidence/exports.js');

module.exports = {
  EvidenceError,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
};
