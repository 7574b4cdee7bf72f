#!/usr/bin/env bash
# typeid-js 1.2.0
#
# Expected: `fromUUID` takes the 32 hexadecimal digits of a UUID without hyphens as it takes the usual text, or throws.
# Instead: it makes an id of other bytes, without an error: what stands where hyphens would be is lost, and zeros come in. Whether
# `toUUID` of that id throws then depends on the digits.
# Seen: the usual text of a UUID comes back as it was. Without its hyphens it is another id, of which `toUUID` says that the UUID is invalid.
# Here: ids of events have hyphens. Those of other sources need them before they are given to this library.
. "$(dirname "$0")/seen.sh"

install typeid-js@1.2.0
cat > ids.mjs << 'END_OF_PROGRAM'
import { TypeID } from 'typeid-js';

const usual = '01890a5d-ac96-774b-bcce-b302099a8057';
for (const uuid of [usual, usual.replaceAll('-', '')]) {
  const id = TypeID.fromUUID('event', uuid);
  let back;
  try {
    back = id.toUUID();
  } catch (error) {
    back = error.message;
  }
  console.log(`${id}: ${back}`);
}
END_OF_PROGRAM
compare 'event_01h455vb4pex5vsknk084sn02q: 01890a5d-ac96-774b-bcce-b302099a8057
event_01h455vjb79eyepc00004sn02q: Stringified UUID is invalid' "$(node ids.mjs)"
