#!/usr/bin/env bash
# jcs 0.2.1 and rfc8785 0.1.4, Python packages for the canonical JSON of RFC 8785
#
# Expected: two packages for one canonical form give the same bytes, so that a hash of one is the hash of the other. The RFC has numbers as
# JavaScript has them, and 9007199254740994 among its examples.
# Instead: for integers above 2^53, one rounds to what a double has, so that two numbers have one form, and the other refuses all of them,
# also those that a double has, as that example of the RFC.
# Seen: 9007199254740992 and 9007199254740993 are both 9007199254740992 to jcs; rfc8785 refuses both, and 9007199254740994.
# Here: hashes are of the bytes that are stored, and not of a canonical form.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check jcs==0.2.1 rfc8785==0.1.4
cat > canonical.py << 'END_OF_PROGRAM'
import jcs
import rfc8785

def by(canonical, number):
    try:
        return canonical(number).decode()
    except Exception as error:
        return type(error).__name__

for number in 2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2:
    print(f'{number}: {by(jcs.canonicalize, number)}, {by(rfc8785.dumps, number)}')
END_OF_PROGRAM
compare '9007199254740991: 9007199254740991, 9007199254740991
9007199254740992: 9007199254740992, IntegerDomainError
9007199254740993: 9007199254740992, IntegerDomainError
9007199254740994: 9007199254740994, IntegerDomainError' "$(python/bin/python canonical.py)"
