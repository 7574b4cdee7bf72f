import { verifyCheckpoint, verifyConsistency, verifyProof } from 'codebolt-eventlog/evidence';
import { answer, NOTICE } from '../answer.js';
import { dataOfInstance } from '../instances.js';
import { invalid, Refusal } from '../refusal.js';
import { notice, object, string } from '../schemas.js';
import { quoted } from '../visible.js';
import { findEvent } from './event.js';
import { eventInputs, instanceInput } from './inputs.js';

const verifierKeyInput = {
  type: 'string',
  description:
    'With a note: the verifier key of who has to have signed it, as in name+12ab34cd+base64',
};

const sizeInput = (which) => ({
  type: 'integer',
  description: `How many events the ${which} has. Default: that of the last checkpoint`,
  minimum: 0,
});

const proofOutput = (what) => ({ type: 'object', description: `What an auditor ${what}` });

const origin = {
  ...string,
  description: 'Only if a note was given, and it verifies: whose tree it is',
};

const proveEvent = {
  name: 'eventlog_prove_event',
  title: 'Prove Event',
  description:
    'Prove that an event is in the Merkle tree of its instance, unchanged: by its position, eventId, or streamId and sequenceNumber. With the signed note of a checkpoint that somebody has kept and its verifierKey, the proof is verified against that, and the call fails if the log is not what it was. Without a note, the proof is for an auditor to verify.',
  inputs: {
    ...eventInputs,
    size: sizeInput('tree'),
    note: { type: 'string', description: 'The signed note of the checkpoint, in place of size' },
    verifierKey: verifierKeyInput,
  },
  output: object({ notice, proof: proofOutput('verifies with verifyProof'), origin }, ['origin']),
  async run(context, { instanceId, size, note, verifierKey, ...which }) {
    const checkpoint = await checkpointOf('note', note, verifierKey);
    if (checkpoint !== undefined && size !== undefined) {
      throw invalid('size: expected it without a note, which says how many events there are');
    }
    // The proof itself says what is wrong with a position.
    const { position } =
      which.position === undefined || Object.keys(which).length > 1
        ? await findEvent(context, { instanceId, ...which })
        : which;
    const options = { instance: instanceId, position, size: checkpoint?.size ?? size };
    const call = context.log.proveInclusion(options);
    const proof = await dataOfInstance(context, instanceId, call);
    if (checkpoint !== undefined) await provenBy('the log', verifyProof(proof, checkpoint));
    const sentence = `Event ${proof.event.id} is event ${position} of ${proof.size}`;
    return answerWith(context, `${sentence} in the tree${says(checkpoint)}`, proof, checkpoint);
  },
};

const proveConsistency = {
  name: 'eventlog_prove_consistency',
  title: 'Prove Consistency',
  description:
    'Prove that between two checkpoints of an instance events were only appended, and none was changed, removed or put in. With the signed notes of both (oldNote, newNote) and their verifierKey, that is verified, and the call fails if it is not so. Without notes, the proof is for an auditor to verify.',
  inputs: {
    instanceId: instanceInput,
    oldSize: { ...sizeInput('older tree'), description: 'How many events the older tree has' },
    newSize: sizeInput('newer tree'),
    oldNote: {
      type: 'string',
      description: 'The signed note of the older one, in place of oldSize',
    },
    newNote: { type: 'string', description: 'That of the newer one, in place of newSize' },
    verifierKey: verifierKeyInput,
  },
  output: object({ notice, proof: proofOutput('verifies with verifyConsistency'), origin }, [
    'origin',
  ]),
  async run(context, { instanceId, oldSize, newSize, oldNote, newNote, verifierKey }) {
    const [older, newer] = [
      await checkpointOf('oldNote', oldNote, verifierKey),
      await checkpointOf('newNote', newNote, verifierKey),
    ];
    if ((older === undefined) !== (newer === undefined)) {
      throw invalid('expected oldNote and newNote together, or neither of them');
    }
    if (older !== undefined && (oldSize ?? newSize) !== undefined) {
      throw invalid('expected sizes or notes, which say the sizes, found both');
    }
    const sizes =
      older === undefined ? { oldSize, newSize } : { oldSize: older.size, newSize: newer.size };
    const call = context.log.proveConsistency({ instance: instanceId, ...sizes });
    const proof = await dataOfInstance(context, instanceId, call);
    if (older !== undefined) {
      await provenBy('the log', verifyConsistency(proof, older, newer));
    }
    const sentence = `The tree of ${proof.newSize} event(s) begins with that of ${proof.oldSize}`;
    return answerWith(context, `${sentence}${says(newer)}`, proof, newer);
  },
};

/** The checkpoint that a note is, verified; `undefined` without one. */
async function checkpointOf(name, note, verifierKey) {
  if (note === undefined) return undefined;
  if (verifierKey === undefined) {
    throw invalid(`verifierKey: expected the key with which ${name} is verified, found nothing`);
  }
  // Agents drop the line end of a text.
  return provenBy(name, verifyCheckpoint(`${note.trimEnd()}\n`, verifierKey.trim()));
}

/** What was verified; what is not proven is refused in words that the agent knows. */
async function provenBy(name, verification) {
  try {
    return await verification;
  } catch (error) {
    if (error.code === undefined) throw error;
    const text = error.message.replace(/^key(?=:)/, 'verifierKey').replace(/^note(?=:)/, name);
    throw new Refusal(error.code, text);
  }
}

/** What is said of a checkpoint that was verified. */
function says(checkpoint) {
  return checkpoint === undefined ? '' : `, as the checkpoint ${quoted(checkpoint.origin)} says`;
}

function answerWith({ charactersMax }, sentence, proof, checkpoint) {
  const text = JSON.stringify(proof);
  if (text.length > charactersMax) {
    throw new Refusal(
      'LIMIT_EXCEEDED',
      `expected a proof of at most ${charactersMax} characters, found ${text.length}: it has all of the event, and cannot be shortened`,
    );
  }
  const content = {
    notice: NOTICE,
    proof,
    ...(checkpoint !== undefined && { origin: checkpoint.origin }),
  };
  return answer(sentence, content, { lines: [text] });
}

export default [proveEvent, proveConsistency];
