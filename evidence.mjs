import exported from './lib/evidence/exports.js';

export const {
  EvidenceError,
  generateKeys,
  readProof,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} = exported;
