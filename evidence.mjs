import exported from './lib/evidence/exports.js';

export const {
  EvidenceError,
  generateKeys,
  readProof,
  verifierKeyFor,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} = exported;
