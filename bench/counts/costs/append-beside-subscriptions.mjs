// Appends to one instance while many subscriptions of another one have nothing to do.

import { monitorEventLoopDelay } from 'node:perf_hooks';

import { at, delays, done, duration, openLog } from '../log.mjs';

export const title = 'an append beside 10,000 idle subscriptions of another instance';
export const unit = '× the time of one without them';
export const atMost = 1.3;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  await done(log.createInstance('quiet'));
  await done(log.createInstance('busy'));
  const appends = () =>
    delays(quick ? 20 : 100, (n) =>
      done(log.appendEvent({ instanceId: 'busy', eventType: 'made', payload: { n } })),
    );
  await appends();
  const alone = await appends();
  const subscriptions = Array.from({ length: quick ? 1000 : 10_000 }, () =>
    log.subscribe({ instance: 'quiet' }),
  );
  const steps = subscriptions.map((subscription) => subscription.next());
  await Promise.all(subscriptions.map(({ untilCaughtUp }) => untilCaughtUp));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const beside = await appends();
  loop.disable();
  await Promise.all(subscriptions.map((subscription) => subscription.return()));
  await Promise.all(steps);
  await log.close();
  return { aloneMs: at(alone, 0.5), besideMs: at(beside, 0.5), loopMs: loop.max / 1e6 };
}

export const figure = ({ aloneMs, besideMs }) => besideMs / aloneMs;
export const seen = ({ besideMs, loopMs }) =>
  `${duration(besideMs)}, the event loop at most ${duration(loopMs)} late`;
