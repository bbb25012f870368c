import { opendir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, errorCode } from '../cli-error.js';

const PICTURE = /\.(jpe?g|png|gif)$/i;

/** The absolute path of a folder that holds at least one picture. */
export async function checkImagesFolder(path: string): Promise<string> {
  const dir = resolve(path);
  try {
    for await (const entry of await opendir(dir)) {
      if ((entry.isFile() || entry.isSymbolicLink()) && PICTURE.test(entry.name)) return dir;
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') throw new CliError(`--images ${path} does not exist`);
    if (code === 'ENOTDIR') throw new CliError(`--images ${path} is a file; expected a folder of pictures`);
    throw new CliError(`--images ${path} cannot be read (${code ?? error})`);
  }
  throw new CliError(`--images ${path} holds no picture: expected JPEG, PNG or GIF files (.jpg, .jpeg, .png, .gif)`);
}
