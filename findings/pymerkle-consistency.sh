#!/usr/bin/env bash
# pymerkle 7.0.0, a Python package of Merkle trees
#
# Expected: a proof of consistency has the hashes that RFC 9162 names, since the package says that its trees and proofs follow it: from 4 to
# 8 leaves one hash, from 6 to 8 three, from 3 to 7 four. So a verifier of the RFC accepts it.
# Instead: its proofs have a layout of their own, with rules and a subset beside the path, and the first hashes of the path lead to the old
# root even where the verifier has that root. Proofs of inclusion have the hashes of the RFC.
# Seen: paths of four hashes from 4 to 8, from 6 to 8 and from 3 to 7 leaves.
# Here: the check against this package compares proofs of inclusion and roots, in both directions, and no proofs of consistency.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pymerkle==7.0.0
cat > consistency.py << 'END_OF_PROGRAM'
from pymerkle import InmemoryTree

tree = InmemoryTree(algorithm='sha256')
for leaf in range(8):
    tree.append_entry(b'%d' % leaf)
for old, new in ((4, 8), (6, 8), (3, 7)):
    path = tree.prove_consistency(old, new).serialize()['path']
    print(f'from {old} to {new}: {len(path)} hashes')
print(f'inclusion of one of 8: {len(tree.prove_inclusion(3, 8).serialize()["path"])} hashes, its own with them')
END_OF_PROGRAM
compare 'from 4 to 8: 4 hashes
from 6 to 8: 4 hashes
from 3 to 7: 4 hashes
inclusion of one of 8: 4 hashes, its own with them' "$(python/bin/python consistency.py)"
