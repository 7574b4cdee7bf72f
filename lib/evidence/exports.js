'use strict';

// What `codebolt-eventlog/evidence` exports, for both of its entries.

const { EvidenceError } = require('./failure.js');
const { generateKeys, verifierKeyFor } = require('./keys.js');
const { verifyCheckpoint } = require('./note.js');
const { readProof, verifyConsistency, verifyProof, writeProof } = require('./proof.js');

module.exports = {
  EvidenceError,
  generateKeys,
  readProof,
  verifierKeyFor,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
};
