// What the server answers, for a component that shows it.

import { useEffect, useState } from 'preact/hooks';

import { isAborted } from '../log/call.js';

/**
 * Asks whenever one of `inputs` has changed. What was asked before is aborted, and shown until the new answer is there.
 *
 * @param {(signal: AbortSignal) => Promise<unknown>} ask - Asks.
 * @param {readonly unknown[]} inputs - What the answer depends on.
 * @returns {{ answer: any, error: Error | undefined, isWaiting: boolean }} The last answer, and why there is none.
 */
export function useAnswer(ask, inputs) {
  const [state, setState] = useState({ isWaiting: true });
  useEffect(() => {
    const abort = new AbortController();
    setState(({ answer }) => ({ answer, isWaiting: true }));
    const finish = async () => {
      try {
        const answer = await ask(abort.signal);
        if (!abort.signal.aborted) setState({ answer, isWaiting: false });
      } catch (error) {
        if (!isAborted(error) && !abort.signal.aborted) setState({ error, isWaiting: false });
      }
    };
    finish();
    return () => abort.abort();
  }, inputs);
  return state;
}
