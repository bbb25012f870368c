import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Folder with headers below `include/node`: this Node.js' own, else any other's on this machine (the addon uses
 * Node-API only, which is the same in all of them). Without one node-gyp downloads this version's.
 */
export function headersPrefix() {
  const major = process.versions.node.split('.')[0];
  const present = [join(dirname(process.execPath), '..'), '/usr', '/usr/local']
    .map((prefix) => ({ prefix, major: headersMajor(prefix) }))
    .filter((headers) => headers.major !== undefined);
  return (present.find((headers) => headers.major === major) ?? present[0])?.prefix;
}

function headersMajor(prefix) {
  const file = join(prefix, 'include/node/node_version.h');
  if (!existsSync(file)) return undefined;
  return /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
}
