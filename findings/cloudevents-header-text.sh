#!/usr/bin/env bash
# cloudevents 10.0.0, the JavaScript SDK of CloudEvents, in the binary mode of HTTP
#
# Expected: an attribute becomes a header as the HTTP binding says: what is not printable ASCII, the blank, the quotation mark and the
# percent sign are percent-encoded from UTF-8 when it is written, and decoded when it is read.
# Instead: neither is done. What is written is no valid header if the text is not Latin-1, and what another sender has encoded is read as
# the letters of its encoding.
# Seen: the subject `a €` is written as it is, and the header `a%20%E2%82%AC` is read as the subject `a%20%E2%82%AC`.
# Here: this project's own functions encode and decode; the page about CloudEvents names the difference, and its cases beside the SDK leave
# such attributes out.
. "$(dirname "$0")/seen.sh"

install cloudevents@10.0.0
cat > headers.mjs << 'END_OF_PROGRAM'
import { CloudEvent, HTTP } from 'cloudevents';

const required = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const written = HTTP.binary(new CloudEvent({ ...required, subject: 'a €', data: {} }));
console.log('written:', written.headers['ce-subject']);

const headers = { 'content-type': 'application/json', 'ce-subject': 'a%20%E2%82%AC' };
for (const [name, value] of Object.entries(required)) headers[`ce-${name}`] = value;
console.log('read:', HTTP.toEvent({ headers, body: '{}' }).subject);
END_OF_PROGRAM
compare 'written: a €
read: a%20%E2%82%AC' "$(node headers.mjs)"
