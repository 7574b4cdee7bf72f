// A key to sign checkpoints with, which is the one of Go's documents, and checkpoints that it has signed.

import { verifyCheckpoint } from '../../evidence.mjs';
import { succeeded } from './response.mjs';

/** The signing key. */
export const SIGNING_KEY =
  'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';

/** The verifier key that belongs to it. */
export const VERIFIER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

/** Signs a checkpoint of an instance. Returns its note, and what the verified note says. */
export async function checkpointed(t, log, instance) {
  const response = await log.checkpoint({ instance, key: SIGNING_KEY });
  const { note } = succeeded(t, response, 'checkpoint');
  return { note, ...(await verifyCheckpoint(note, VERIFIER_KEY)) };
}
