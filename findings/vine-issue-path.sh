#!/usr/bin/env bash
# @vinejs/vine 4.4.0, a validator that follows Standard Schema
#
# Expected: the path of an issue is a list of keys, or is missing, as the specification of Standard Schema says and its types have it.
# Instead: it is one text with dots. Whoever goes through it as the list that it should be gets its letters. A key with a dot in it is
# not told from two.
# Seen: for the second item's sku, the path is the text "items.1.sku".
# Here: the log takes a text for the place, and says payload.items.1.sku. It said each letter before.
. "$(dirname "$0")/seen.sh"

install @vinejs/vine@4.4.0
cat > issue.mjs << 'END_OF_PROGRAM'
import vine from '@vinejs/vine';

const schema = vine.create({ items: vine.array(vine.object({ sku: vine.string() })) });
const { issues } = await schema['~standard'].validate({ items: [{ sku: 'a' }, { sku: 7 }] });
const [{ path }] = issues;
console.log(typeof path, JSON.stringify(path), Array.isArray(path));
END_OF_PROGRAM
compare 'string "items.1.sku" false' "$(node issue.mjs)"
