import { readFile } from 'node:fs/promises';
import { DEMO_MANIFEST } from './checkout.js';

export interface ScoringModule {
  /** Of the image; another one makes the agent replace the module. */
  readonly tag?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As in `HostConfig.Binds`, beside the models'. */
  readonly binds?: readonly string[];
}

/** By module name. */
export type ScoringModules = Readonly<Record<string, ScoringModule>>;

interface Manifest {
  readonly modulesContent: Record<string, { 'properties.desired': Record<string, unknown> }>;
}

interface Spec {
  readonly settings: { readonly image: string; readonly createOptions: string };
}

/** The demo's deployment without its camera, and with these scoring modules, each publishing its own ports. */
export async function scoringManifest(modules: ScoringModules): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(DEMO_MANIFEST, 'utf8')) as Manifest;
  const { $edgeAgent, $edgeHub } = manifest.modulesContent;
  const agent = $edgeAgent!['properties.desired'];
  const { scoring } = agent.modules as { readonly scoring: Spec };
  agent.modules = Object.fromEntries(
    Object.entries(modules).map(([name, module], index) => [name, specOf(scoring, module, index)]),
  );
  return { modulesContent: { $edgeAgent: $edgeAgent!, $edgeHub: $edgeHub! } };
}

function specOf(demo: Spec, { tag, env = {}, binds = [] }: ScoringModule, index: number): object {
  const options = JSON.parse(demo.settings.createOptions);
  options.HostConfig.Binds.push(...binds);
  options.HostConfig.PortBindings = {
    '50051/tcp': [{ HostPort: String(50051 + index) }],
    '8080/tcp': [{ HostPort: String(8080 + index) }],
  };
  const [image] = demo.settings.image.split(':');
  return {
    ...demo,
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, { value }])),
    settings: {
      image: tag === undefined ? demo.settings.image : `${image}:${tag}`,
      createOptions: JSON.stringify(options),
    },
  };
}
