#!/usr/bin/env bash
# nsyslog-parser 0.10.1, beside glossy 0.1.7; both read messages of syslog
#
# Expected: the structured data of RFC 5424 has the elements and the values of the message; within a value, a quote, a backslash and a
# closing bracket come after a backslash. In the extension of CEF, an equals sign does.
# Instead: the first package loses an element that has such a bracket, and makes two members of a value with a space and an equals sign.
# In CEF and LEEF, a value ends before its first equals sign. Nothing tells so.
# Seen: below, with what glossy reads of the same messages.
# Here: messages that are read with it are not to be stored as events without their text. What is lost cannot be seen afterwards.
. "$(dirname "$0")/seen.sh"

install nsyslog-parser@0.10.1 glossy@0.1.7
cat > parse.cjs << 'END_OF_PROGRAM'
const { Parse } = require('glossy');
const nsyslog = require('nsyslog-parser');

for (const elements of [
  String.raw`[order@1 item="lamp" note="red \"XL\" [sale\]"][user@1 name="ada"]`,
  String.raw`[order@1 where="paid by=ada"][user@1 name="ada"]`,
]) {
  const message = `<165>1 2026-10-11T22:14:15.003Z shop.example till 123 ID47 ${elements} sold`;
  console.log(elements);
  console.log(`  glossy: ${JSON.stringify(Parse.parse(message).structuredData)}`);
  console.log(`  nsyslog-parser: ${JSON.stringify(nsyslog(message).structuredData)}`);
}
for (const body of [
  String.raw`CEF:0|Shop|Till|1.0|100|sold|3|request=/find?id\=47 cnt=2`,
  'LEEF:1.0|Shop|Till|1.0|sold|request=/find?id=47\tcnt=2',
]) {
  console.log(JSON.stringify(body));
  console.log(`  nsyslog-parser: ${JSON.stringify(nsyslog(`<34>Oct 11 22:14:15 shop.example ${body}`).fields)}`);
}
END_OF_PROGRAM
compare "$(cat << 'END_OF_OUTPUT'
[order@1 item="lamp" note="red \"XL\" [sale\]"][user@1 name="ada"]
  glossy: {"order@1":{"item":"lamp","note":"red \"XL\" [sale]"},"user@1":{"name":"ada"}}
  nsyslog-parser: [{"$id":"sale\\]\"][user@1","name":"ada"}]
[order@1 where="paid by=ada"][user@1 name="ada"]
  glossy: {"order@1":{"where":"paid by=ada"},"user@1":{"name":"ada"}}
  nsyslog-parser: [{"$id":"order@1","where":"paid","by":"ada"},{"$id":"user@1","name":"ada"}]
"CEF:0|Shop|Till|1.0|100|sold|3|request=/find?id\\=47 cnt=2"
  nsyslog-parser: {"request":"/find?id\\","cnt":"2"}
"LEEF:1.0|Shop|Till|1.0|sold|request=/find?id=47\tcnt=2"
  nsyslog-parser: {"request":"/find?id","cnt":"2"}
END_OF_OUTPUT
)" "$(node parse.cjs)"
