import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { scoringError } from '../errors.js';

/** Fields and files before the one that is looked for are passed over, but not without end. */
const MAX_PARTS = 20;

/**
 * The bytes of the file field `name` in a multipart/form-data body (RFC 7578) that has come whole; the first one when
 * there are several. The body's size was bounded when it came.
 *
 * @throws ScoringError REQUEST_MALFORMED when the body is cut, is not multipart, or has no such field
 */
export function multipartFile(body: Buffer, contentType: string, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (detail: string) => reject(scoringError('REQUEST_MALFORMED', `multipart body: ${detail}`));
    const fields: string[] = [];
    let found: Buffer | undefined;
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { 'content-type': contentType },
        limits: { parts: MAX_PARTS, fileSize: body.length, fieldSize: body.length },
      });
    } catch (error) {
      refuse((error as Error).message);
      return;
    }
    parser.on('field', (field) => fields.push(field));
    parser.on('file', (field, stream) => {
      fields.push(field);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error: Error) => refuse(error.message));
      stream.on('end', () => {
        if (field === name) found ??= Buffer.concat(chunks);
      });
    });
    parser.on('error', (error) => refuse((error as Error).message));
    parser.on('partsLimit', () => refuse(`has more than ${MAX_PARTS} parts`));
    parser.on('finish', () => {
      if (found) resolve(found);
      else
        refuse(
          `has no file in a field "${name}"; found ${fields.length > 0 ? fields.join(', ').slice(0, 200) : 'no field'}`,
        );
    });
    parser.end(body);
  });
}
