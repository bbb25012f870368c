import { runCli } from './cli.js';

/** A reader that went away (`edgeslot logs | head`) is no error, and nothing more can be told to it. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.kill(process.pid, 'SIGTERM');
});

process.exitCode = await runCli(process.argv.slice(2));
