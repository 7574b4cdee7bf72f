// A program whose parts import and require the package has it once.
import codebolt, { EventLog, eventLog } from 'codebolt-eventlog';
import required from './required.cjs';

const isOne =
  required.EventLog === EventLog &&
  required.eventLog === eventLog &&
  required.codebolt === codebolt;
if (!isOne) throw new Error('expected the package once, found it twice');
console.log('the package is there once');
