'use strict';

// What `codebolt-eventlog/evidence` exports, for both of its entries.

const { EvidenceError } = require('./failure.js');
const { generateKeys, verifierKeyFor } = require('./keys.js');
const { verifyCheckpoint } = require('./note.js');
const { readProof, verifyConsistency, verifyProof, writeProof } = require('./proof.js');
const { cosignCheckpoint } = require('./witness.js');

module.exports = {
  EvidenceError,
  cosignCheckpoint,
  generateKeys,
  readProof,
  verifierKeyFor,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
};
