#!/usr/bin/env bash
# @opentelemetry/otlp-transformer 0.223.1, which the exporters of OpenTelemetry for JavaScript use, read by protobuf 7.36.2
# with opentelemetry-proto 1.45.2 (Python)
#
# Expected: a log record says the same, whether it is sent as JSON or as protobuf, and a receiver can read both.
# Instead: as JSON, each whole number is an `intValue`, also one that has no place in 64 bits, and NaN and the infinities are
# `null`, which is no value. As protobuf, all of these are doubles, as they should be.
# Seen: with an attribute of 1e19 the whole request, with all of its records, cannot be read as JSON. The same goes for -2^63, which
# has a place, but is written as -9223372036854776000. NaN and Infinity are attributes without a value.
# Here: packages/opentelemetry writes positions and counts as attributes, which are below 2^53. A program that writes numbers of
# its payloads as attributes should export protobuf.
. "$(dirname "$0")/seen.sh"

install @opentelemetry/otlp-transformer@0.223.1 @opentelemetry/api@1.9.0
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check opentelemetry-proto==1.45.2 protobuf==7.36.2
cat > write.cjs << 'END_OF_PROGRAM'
const { writeFileSync } = require('node:fs');
const { JsonLogsSerializer, ProtobufLogsSerializer } = require('@opentelemetry/otlp-transformer');

for (const [name, value] of Object.entries({ small: 2 ** 60, large: 1e19, least: -(2 ** 63), nan: NaN, infinite: Infinity })) {
  const record = {
    hrTime: [1769860800, 0],
    hrTimeObserved: [1769860800, 0],
    resource: { attributes: {} },
    instrumentationScope: { name: 'shop' },
    body: 'ordered',
    attributes: { value },
    droppedAttributesCount: 0,
  };
  writeFileSync(`${name}.json`, JsonLogsSerializer.serializeRequest([record]));
  writeFileSync(`${name}.pb`, ProtobufLogsSerializer.serializeRequest([record]));
}
END_OF_PROGRAM
cat > read.py << 'END_OF_PROGRAM'
from google.protobuf.json_format import Parse, ParseError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest


def told(name, kind):
    request = ExportLogsServiceRequest()
    with open(f'{name}.{kind}', 'rb') as file:
        content = file.read()
    try:
        if kind == 'json':
            Parse(content.decode(), request)
        else:
            request.ParseFromString(content)
    except ParseError:
        return 'cannot be read'
    value = request.resource_logs[0].scope_logs[0].log_records[0].attributes[0].value
    return str(value).strip() or 'no value'


for name in ['small', 'large', 'least', 'nan', 'infinite']:
    print(f'{name}: JSON {told(name, "json")}, protobuf {told(name, "pb")}')
END_OF_PROGRAM
node write.cjs
compare 'small: JSON int_value: 1152921504606847000, protobuf int_value: 1152921504606846976
large: JSON cannot be read, protobuf double_value: 1e+19
least: JSON cannot be read, protobuf int_value: -9223372036854775808
nan: JSON no value, protobuf double_value: nan
infinite: JSON no value, protobuf double_value: inf' "$(python/bin/python read.py)"
