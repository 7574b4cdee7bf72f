import codebolt, * as exported from 'codebolt-eventlog';
import {
  Codebolt,
  EventLog,
  EventLogError,
  attach,
  eventLog,
  waitForReady,
} from 'codebolt-eventlog';
import { scenario } from './scenario.mjs';

const named = { Codebolt, EventLog, EventLogError, attach, eventLog, waitForReady };
if (exported.eventLog !== eventLog || exported.ready !== false)
  throw new Error('expected one default log');
console.log(await scenario(named, codebolt));
