#!/usr/bin/env bash
# mcp 2.3.0, the Python SDK of the Model Context Protocol
#
# Expected: an argument that is a text, for a parameter whose published schema allows texts, is given to the tool as that text.
# Instead: it is so where the parameter is nothing but `str`. Everywhere else, as with `str | None`, a text that happens to be JSON of an
# object, a list or null is parsed first. Then null is no argument, and what is not a text any more is refused, as not being one.
# Seen: for `str | None`, the text `null` comes as None, `{"a":1}` and `["a"]` are refused, and `12` comes as a text. For
# `str | list[str]`, the text `["a"]` comes as a list.
# Here: the tools of packages/mcp read JSON out of a text only where they take nothing but an object or an array. A tool in Python that
# hands texts on to a log, or looks for them in it, should declare each as `str`, with "" for none.
. "$(dirname "$0")/seen.sh"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0
cat > tools.py << 'END_OF_PROGRAM'
import asyncio

from mcp import Client
from mcp.server.mcpserver import MCPServer

server = MCPServer('texts')


@server.tool()
def plain(text: str) -> str:
    return repr(text)


@server.tool()
def optional(text: str | None = None) -> str:
    return repr(text)


@server.tool()
def several(text: str | list[str]) -> str:
    return repr(text)


async def main():
    async with Client(server) as client:
        for tool in (await client.list_tools()).tools:
            schema = tool.input_schema['properties']['text']
            kinds = [kind['type'] for kind in schema.get('anyOf', [schema])]
            print(f'{tool.name}, which takes {" or ".join(kinds)}:')
            for text in ('null', '{"a":1}', '["a"]', '12', 'hello'):
                result = await client.call_tool(tool.name, {'text': text})
                print(f'  {text} is {"refused" if result.is_error else result.content[0].text}')


asyncio.run(main())
END_OF_PROGRAM
compare "plain, which takes string:
  null is 'null'
  {\"a\":1} is '{\"a\":1}'
  [\"a\"] is '[\"a\"]'
  12 is '12'
  hello is 'hello'
optional, which takes string or null:
  null is None
  {\"a\":1} is refused
  [\"a\"] is refused
  12 is '12'
  hello is 'hello'
several, which takes string or array:
  null is refused
  {\"a\":1} is refused
  [\"a\"] is ['a']
  12 is '12'
  hello is 'hello'" "$(python/bin/python tools.py 2> /dev/null)"
