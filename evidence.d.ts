// The types of `codebolt-eventlog/evidence`: what an auditor verifies, without a log and without the addon.

/**
 * What the functions here reject with.
 *
 * - `NOT_PROVEN`: what was to be proved is not. The text says what was expected and what was found.
 * - `INVALID_ARGUMENT`: a key, or what the caller itself has chosen, is not what it has to be. An
 *   error never repeats a key.
 */
export declare class EvidenceError extends Error {
  constructor(code: 'NOT_PROVEN' | 'INVALID_ARGUMENT', message: string);
  /** Which of the two it is. */
  readonly code: 'NOT_PROVEN' | 'INVALID_ARGUMENT';
}

/** A pair of Ed25519 keys, as texts of one line. */
export interface EvidenceKeys {
  /**
   * With which `checkpoint` signs: `PRIVATE+KEY+<name>+<id>+<base64>`. It is a secret. Whoever has
   * it can sign any history.
   */
  signingKey: string;
  /** With which an auditor verifies: `<name>+<id>+<base64>`. Anybody may know it. */
  verifierKey: string;
}

/** What a checkpoint says. */
export interface Checkpoint {
  /** Which tree it is: the name of the key, a slash, and the id of the instance (percent-encoded). */
  origin: string;
  /** How many events the tree has. */
  size: number;
  /** The root of the tree: 32 bytes in base64. */
  root: string;
  /** Lines that follow on the root. This package writes none. */
  extensions: string[];
  /** The names of those keys, of the ones that were given, that have signed it. */
  signers: string[];
  /** There only if `witnesses` were asked for: those of them that have signed it. */
  cosigners?: Cosigner[] | undefined;
}

/** A witness that has signed a checkpoint. */
export interface Cosigner {
  /** The name of its key. */
  name: string;
  /** When, as ISO 8601 in UTC; not there if it signs as logs do. */
  time?: string | undefined;
}

/** An event as its leaf covers it. */
export interface EvidenceEvent {
  /** A UUID. */
  id: string;
  stream_id: string;
  event_type: string;
  /** ISO 8601, in UTC, with milliseconds. */
  timestamp: string;
  /** 1, 2, 3 … within its stream. */
  sequence_number: number;
  /** JSON text, byte for byte as it is stored; `null` if it was erased, or fields of it. */
  payload: string | null;
  /** JSON text, byte for byte as it is stored; `null` if it was erased, or fields of it. */
  metadata: string | null;
}

/** Proves that an event is in a tree: what `proveInclusion` answers, and what an auditor needs of one event. */
export interface InclusionProof {
  /** Which event of its instance it is, from 1. It is the leaf of index `position` - 1. */
  position: number;
  /** How many events the tree has. */
  size: number;
  /** The hashes from the leaf's sibling up to a child of the root, as RFC 9162 orders them, in base64. */
  hashes: string[];
  /** The event. */
  event: EvidenceEvent;
  /**
   * The salts of the commitments to its payload and its metadata: 32 bytes each, in base64; `null` for one of them that
   * was erased, or fields of it, and if both were.
   */
  salts: { payload: string | null; metadata: string | null } | null;
  /**
   * There only if the event was erased, or fields of it: the commitments themselves, 32 bytes each, in base64; `null` for
   * a text that is whole. What they commit to is gone, or a part of it, and its salt with it.
   */
  commitments?: { payload: string | null; metadata: string | null } | undefined;
}

/** Proves that one tree begins with another: what `proveConsistency` answers. */
export interface ConsistencyProof {
  /** How many events the older tree has. */
  oldSize: number;
  /** How many events the newer tree has. */
  newSize: number;
  /** The hashes, as RFC 9162 orders them, in base64. */
  hashes: string[];
}

/** An event that was proven, and where it is in its instance. */
export interface ProvenEvent extends EvidenceEvent {
  /** Its position, from 1. */
  position: number;
  /**
   * There only if it was erased, or fields of it: then nothing is proven of its payload or its metadata where that is
   * `null`.
   */
  erased?: true | undefined;
}

/**
 * Makes a pair of keys.
 *
 * @param name What they are called, which is where the origins of their checkpoints begin. It is best
 * a URL without scheme, such as `example.com/log`. Spaces and `+` are not allowed.
 * @param options `for`: whose they are, `'log'` (the default) or `'witness'`. Neither can sign as the other.
 * @returns The keys. Rejects with `INVALID_ARGUMENT` for a name that a key cannot have.
 */
export declare function generateKeys(
  name: string,
  options?: { for?: 'log' | 'witness' | undefined },
): Promise<EvidenceKeys>;

/**
 * Makes the verifier key that belongs to a signing key, for whoever has only that one.
 *
 * @param signingKey The signing key. Blanks and line ends around it do not matter.
 * @returns The verifier key. Rejects with `INVALID_ARGUMENT` if it is no signing key, or was altered;
 * the error does not repeat it.
 */
export declare function verifierKeyFor(signingKey: string): Promise<string>;

/**
 * Verifies that a checkpoint is signed, and reads it.
 *
 * @param note The signed note. Signatures of keys that are not known are passed over. A wrong
 * signature of a known one fails.
 * @param key The verifier key, or several, such as an old and a new one: any one of them must have
 * signed it. To ask for the signatures of two, verify it twice.
 * @param options `origin`: which one is expected. Without it, the origin has to be the name of a key
 * that has signed, or to begin with that and a slash. Give it where one key signs for several
 * instances, so that none is taken for another. `witnesses`: the verifier keys of witnesses, each of
 * which has to have signed it as well, or `witnessesMin` of them.
 * @returns What it says. Rejects with an {@link EvidenceError}.
 */
export declare function verifyCheckpoint(
  note: string,
  key: string | string[],
  options?: {
    origin?: string | undefined;
    witnesses?: string[] | undefined;
    witnessesMin?: number | undefined;
  },
): Promise<Checkpoint>;

/**
 * Signs a checkpoint as a witness (C2SP's `cosignature/v1`), once it is verified that its log has signed it, and that it
 * continues the last one that this witness has signed of the same origin.
 *
 * @param note The signed note.
 * @param signingKey The signing key of the witness: that of `generateKeys(name, { for: 'witness' })`.
 * @param options `key`: the verifier key of the log, or several, as of `verifyCheckpoint`. `origin`: which one is expected.
 * `last`: the `checkpoint` that this function gave for the last checkpoint of that origin, or `null` if there was none.
 * `proof`: what `proveConsistency` answers for both sizes; it need not be given where there was none, or the size is the
 * same. `time`: when it is signed, as ISO 8601, if that is not now; it is stored in seconds.
 * @returns The note with one signature more, and the checkpoint, which is to be kept as `last` before the note is given
 * away. Rejects with an {@link EvidenceError}: `NOT_PROVEN` if the checkpoint does not continue the last one.
 */
export declare function cosignCheckpoint(
  note: string,
  signingKey: string,
  options: {
    key: string | string[];
    origin?: string | undefined;
    last: Checkpoint | null;
    proof?: ConsistencyProof | undefined;
    time?: string | undefined;
  },
): Promise<{ note: string; checkpoint: Checkpoint }>;

/**
 * Verifies that an event is in the tree of a checkpoint, with these very bytes of payload and metadata.
 *
 * @param proof What `proveInclusion` has answered. Nothing of it is believed.
 * @param checkpoint What `verifyCheckpoint` has resolved with: a tree of the same size.
 * @returns The event. Rejects with an {@link EvidenceError}.
 */
export declare function verifyProof(
  proof: InclusionProof,
  checkpoint: { size: number; root: string },
): Promise<ProvenEvent>;

/**
 * Verifies that the tree of one checkpoint begins with that of an older one: no event of it was
 * changed, removed or put in since. Checkpoints of two origins are refused: two logs can begin with the
 * same events.
 *
 * @param proof What `proveConsistency` has answered. Nothing of it is believed.
 * @param older The older checkpoint, as `verifyCheckpoint` has resolved with it.
 * @param newer The newer one.
 * @returns Nothing. Rejects with an {@link EvidenceError}.
 */
export declare function verifyConsistency(
  proof: ConsistencyProof,
  older: { origin?: string | undefined; size: number; root: string },
  newer: { origin?: string | undefined; size: number; root: string },
): Promise<void>;

/**
 * Writes a proof and its checkpoint as one text, in the format `c2sp.org/tlog-proof@v1`. With the
 * verifier key, it is all that an auditor needs. The event and its salts are its `extra` line.
 *
 * @param proof What `proveInclusion` has answered.
 * @param note The checkpoint of a tree of the same size.
 * @returns The text. A file of it best ends in `.tlog-proof`.
 */
export declare function writeProof(proof: InclusionProof, note: string): string;

/**
 * Reads what {@link writeProof} has written. Nothing is verified by that: give `note` to
 * {@link verifyCheckpoint}, and `proof` to {@link verifyProof}.
 *
 * @param text The text.
 * @returns The proof and the checkpoint. Throws an {@link EvidenceError}.
 */
export declare function readProof(text: string): { proof: InclusionProof; note: string };
