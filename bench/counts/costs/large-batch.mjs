// How long the event loop stands still for a large batch.

import { performance } from 'node:perf_hooks';

import { done, openLog } from '../log.mjs';

export const title = '`appendEvents` of 100,000: the longest turn of the event loop';
export const unit = 'ms';
export const atMost = 50;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const events = Array.from({ length: quick ? 10_000 : 100_000 }, (_, n) => ({
    streamId: `s${n % 100}`,
    eventType: 'made',
    payload: { n, text: 'some text of an event' },
  }));
  let [longestMs, isOver] = [0, false];
  let last = performance.now();
  const turn = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await done(log.appendEvents({ instanceId: 'batch', autoCreateInstance: true, events }));
  isOver = true;
  turn();
  await log.close();
  return { longestMs };
}

export const figure = ({ longestMs }) => longestMs;
