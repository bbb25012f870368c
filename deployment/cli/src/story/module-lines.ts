import type { ModuleStatus, RuntimeEvent } from '@edgeslot/edge-runtime';
import { type Paint, printable, type Tone } from './style.js';

type ModuleEvent = Extract<RuntimeEvent, { type: 'module' }>;

const TONES: Readonly<Record<ModuleEvent['event'], Tone | undefined>> = {
  creating: 'dim',
  started: undefined,
  stopping: 'dim',
  stopped: 'dim',
  exited: 'warn',
  backoff: 'warn',
  failed: 'bad',
  removed: 'dim',
  connected: 'dim',
  disconnected: 'dim',
  warning: 'warn',
};

/** What happened to a module; the first text goes beside its name, the others under it. */
export function moduleTexts(paint: Paint, event: ModuleEvent): string[] {
  if (event.event === 'started' && event.status) return startedTexts(paint, event.status);
  const tone = TONES[event.event];
  const text = printable(event.text);
  return [tone === undefined ? text : paint(tone, text)];
}

/** As what and where: image, process, address, and the ports a client would use. */
function startedTexts(paint: Paint, status: ModuleStatus): string[] {
  const process = status.pid === undefined ? '' : `  pid ${status.pid}`;
  const texts = [`started ${paint('accent', status.image)}${process}  at ${status.address}`];
  if (status.ports.length > 0) texts.push(`ports ${portsText(status)}`);
  return texts;
}

/** `127.0.0.1:50051, 127.0.0.1:8080`; the module's own port only where it differs. */
export function portsText(status: ModuleStatus): string {
  return status.ports
    .map(({ container, host }) => {
      const [port] = container.split('/');
      return host.endsWith(`:${port}`) ? host : `${host} -> ${container}`;
    })
    .join(', ');
}
