import { type Deployment, ManifestError } from '../manifest/deployment.js';
import { readManifest } from '../manifest/read-manifest.js';
import { TwinValidationError, validateProperties } from '../twins/validate-properties.js';

export const AGENT = '$edgeAgent';
export const HUB = '$edgeHub';

/** Everything that can be said against a manifest before any of it is taken, so that a refused one changes nothing. Throws ManifestError. */
export function judgeManifest(manifest: string | Readonly<Record<string, unknown>>, source: string): Deployment {
  const deployment = readManifest(manifest, source);
  const sections = new Map([[AGENT, deployment.agentDesired], [HUB, deployment.hubDesired], ...deployment.twins]);
  const findings = [...sections].flatMap(([name, desired]) => {
    try {
      validateProperties(desired, 'properties.desired');
      return [];
    } catch (error) {
      if (!(error instanceof TwinValidationError)) throw error;
      return [{ pointer: `/modulesContent/${name}`, message: error.message }];
    }
  });
  if (findings.length > 0) throw new ManifestError(400, findings, source);
  return deployment;
}
