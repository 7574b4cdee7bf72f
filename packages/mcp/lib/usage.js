// What the command line says of itself.

export const usage = `Usage: codebolt-eventlog-mcp --log PATH [options]

Lets an AI agent look into an event log, as an MCP server: over standard input and
output, or over streamable HTTP on this machine.

  --log PATH        the log's file; or set CODEBOLT_EVENTLOG_PATH
  --write           offers the tools that change something, and makes the log if there is none
  --instances A,B   the only instances that the agent sees, by ids or names; can be repeated
  --max-characters N
                    how long the data of one answer is at most, from 1000 (default 30000)
  --http PORT       listens on http://127.0.0.1:PORT/mcp; 0 takes any free port
  --host HOST       another loopback address (default 127.0.0.1)
  --token TOKEN     what requests have to send, as "Authorization: Bearer TOKEN" or as ?token=TOKEN;
                    better set CODEBOLT_EVENTLOG_TOKEN, which other users cannot see.
                    Without either, a token is made, and the address is printed with it
  --no-token        lets every program on this machine in
  --origin ORIGIN   lets pages of this origin in, such as http://localhost:6274; can be repeated
  -h, --help        prints this
  -v, --version     prints the version

Examples:
  codebolt-eventlog-mcp --log data/orders.redb
  codebolt-eventlog-mcp --log data/orders.redb --write
  codebolt-eventlog-mcp --log data/orders.redb --http 7337

An MCP client starts it by itself. Most are told so in a JSON file:
  { "mcpServers": { "eventlog": {
      "command": "npx",
      "args": ["-y", "codebolt-eventlog-mcp", "--log", "/data/orders.redb"] } } }
`;
