import exported from './lib/evidence/exports.js';

export const {
  EvidenceError,
  cosignCheckpoint,
  generateKeys,
  readProof,
  verifierKeyFor,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
  writeProof,
} = exported;
