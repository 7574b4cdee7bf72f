# Verifies proofs that an event is in a tree, with pymerkle, and makes the same ones.
#
# Proofs of consistency are not compared: pymerkle's are not in the form of RFC 9162. Where the older tree is a subtree of the newer
# one, it goes further down.

import base64, json
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion

with open("given.json") as file:
    given = json.load(file)
tree = InmemoryTree(algorithm="sha256")
for leaf in given["leaves"]:
    # It counts leaves from one, as the log counts positions.
    tree.append_entry(bytes(leaf))

made = []
for proof in given["inclusions"]:
    position, size = proof["position"], proof["size"]
    own = tree.prove_inclusion(position, size)
    root = tree.get_root(size)
    leaf = tree.get_leaf(position)
    assert base64.b64encode(root).decode() == proof["root"], (position, size)
    hashes = [base64.b64decode(text) for text in proof["hashes"]]
    theirs = InclusionProof("sha256", True, size, position, own.rule, [leaf, *hashes])
    verify_inclusion(leaf, root, theirs, index=position, size=size)
    made.append([base64.b64encode(digest).decode() for digest in own.path[1:]])
with open("made.json", "w") as file:
    json.dump({"inclusions": made}, file)
print(f"pymerkle verifies {len(made)} proofs of {len(given['leaves'])} events")
