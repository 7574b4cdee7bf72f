#!/usr/bin/env bash
# @opentelemetry/sdk-logs 0.223.1, with its SimpleLogRecordProcessor
#
# Expected: `forceFlush` of a provider resolves once everything that was emitted has been exported, whichever processor it has.
# Instead: the one of SimpleLogRecordProcessor waits for nothing that an exporter does, and does not ask the exporter to flush. Only
# `shutdown` does.
# Seen: after `forceFlush`, an exporter that answers in a later turn has answered 0 times of 1, and was asked to flush 0 times.
# Here: the page about packages/opentelemetry says to call the exporter's own `forceFlush`, or `shutdown`.
. "$(dirname "$0")/seen.sh"

install @opentelemetry/api@1.9.1 @opentelemetry/api-logs@0.223.1 @opentelemetry/sdk-logs@0.223.1
cat > flush.mjs << 'END_OF_PROGRAM'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';

let answered = 0;
let flushed = 0;
const exporter = {
  export(records, tell) {
    setTimeout(() => {
      answered += records.length;
      tell({ code: 0 });
    }, 200);
  },
  async forceFlush() {
    flushed += 1;
  },
  async shutdown() {},
};
const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
provider.getLogger('l').emit({ body: 'x' });
await provider.forceFlush();
console.log(`answered ${answered}, flushed ${flushed}`);
END_OF_PROGRAM
compare 'answered 0, flushed 0' "$(node flush.mjs)"
