#!/usr/bin/env bash
# uuid7 0.1.0, a Python package that makes UUIDs of version 7
#
# Expected: an id of version 7 begins with 48 bits of milliseconds since 1970, as RFC 9562 says, and so do those of others.
# Instead: it follows an early draft of that RFC, in which the first 36 bits are seconds. Its ids say that they are of version 7 all the
# same. Read as the RFC says, they are of some other time, and they sort behind all ids that others make today.
# Seen: an id of 2026 is of the year 2199 by the RFC. Another package, uuid6 2025.0.1, makes one of 2026, and the older id sorts behind it.
# Here: the log makes ids of version 7 by the RFC. What an import brings along with ids of this package does not sort among them by
# time; `position` and `timestamp` do.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check uuid7==0.1.0 uuid6==2025.0.1
cat > ids.py << 'END_OF_PROGRAM'
from datetime import datetime, timezone
from uuid6 import uuid7 as other
from uuid_extensions import uuid7

noon = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)

def year(id):
    return datetime.fromtimestamp((id.int >> 80) / 1000, timezone.utc).year

own = uuid7(int(noon.timestamp()) * 10**9)
print(f'version {own.version} of {year(own)}')
now = other()
print(f'version {now.version} of this year: {year(now) == datetime.now(timezone.utc).year}, behind the older one: {now < own}')
END_OF_PROGRAM
compare 'version 7 of 2199
version 7 of this year: True, behind the older one: True' "$(python/bin/python ids.py)"
