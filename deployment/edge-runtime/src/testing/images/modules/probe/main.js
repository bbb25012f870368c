// Tells over HTTP what a module meets: its environment, names, files; ends as it is told.
import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { HOST, PORT = '8080', STUBBORN, EXIT_CODE } = process.env;
const attempt = (work) => {
  try {
    return { value: work() };
  } catch (error) {
    return { error: error.code ?? error.message };
  }
};
const answers = {
  '/': () => ({ pid: process.pid, ppid: process.ppid, env: process.env, argv: process.argv.slice(2) }),
  '/read': (query) => attempt(() => readFileSync(query.get('path'), 'utf8')),
  '/list': (query) => attempt(() => readdirSync(query.get('path'))),
  '/write': (query) => attempt(() => writeFileSync(query.get('path'), query.get('text'))),
  '/lookup': (query) => dns.promises.lookup(query.get('name')).catch((error) => ({ error: error.code })),
  '/spawn': () => ({ pid: spawn('sleep', ['1000'], { stdio: 'ignore' }).pid }),
  '/exit': (query) => {
    setImmediate(() => process.exit(Number(query.get('code'))));
    return {};
  },
};

if (EXIT_CODE !== undefined) {
  console.log(`leaving with ${EXIT_CODE}`);
  process.exit(Number(EXIT_CODE));
}
process.on('SIGTERM', () => {
  console.log('SIGTERM');
  if (STUBBORN === undefined) process.exit(0);
});
createServer(async (request, response) => {
  const url = new URL(request.url, 'http://probe');
  const body = await (answers[url.pathname] ?? (() => ({ error: 'unknown' })))(url.searchParams);
  response.end(JSON.stringify(body));
}).listen(Number(PORT), HOST, () => {
  console.log(`listening on ${HOST}:${PORT}`);
  console.error('a line on stderr');
});
