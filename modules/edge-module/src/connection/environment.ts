type Environment = Readonly<Record<string, string | undefined>>;

const CONNECTION_STRINGS = ['EdgeHubConnectionString', 'IotHubConnectionString'] as const;

/** What edgeAgent injects and the device SDK needs. */
const REQUIRED = [
  'IOTEDGE_WORKLOADURI',
  'IOTEDGE_DEVICEID',
  'IOTEDGE_MODULEID',
  'IOTEDGE_IOTHUBHOSTNAME',
  'IOTEDGE_AUTHSCHEME',
  'IOTEDGE_MODULEGENERATIONID',
] as const;

/** Whether this process was started by an Edge runtime, or given a connection string for development. */
export function isEdgeEnvironment(env: Environment = process.env): boolean {
  return [...CONNECTION_STRINGS, ...REQUIRED].some((name) => Boolean(env[name]));
}

/** Names the variables that are missing; waiting would not bring them. */
export function checkEdgeEnvironment(env: Environment = process.env): void {
  if (CONNECTION_STRINGS.some((name) => Boolean(env[name]))) return;
  const missing = REQUIRED.filter((name) => !env[name]);
  if (missing.length > 0)
    throw new Error(
      `environment: ${missing.join(', ')} not set; expected all of ${REQUIRED.join(', ')} from the Edge runtime, or ${CONNECTION_STRINGS[0]}`,
    );
}
