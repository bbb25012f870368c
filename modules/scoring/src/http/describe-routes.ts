import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

interface OpenApi {
  readonly paths: Readonly<Record<string, object>>;
}

/** Published beside the sources; read once. */
const openapi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as OpenApi;

/**
 * `GET /openapi.json`: every route, as OpenAPI 3.1 describes it. A method that a route has not is answered 405 with
 * `Allow` (RFC 9110, 15.5.6), an address that there is not 404 with what there is.
 */
export function describeRoutes(app: FastifyInstance): void {
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(openapi));

  const fixed = Object.entries(openapi.paths).filter(([path]) => !path.includes('{'));
  const allowed = new Map(fixed.map(([path, methods]) => [path, Object.keys(methods).map((one) => one.toUpperCase())]));
  const served = fixed.flatMap(([path, methods]) => Object.keys(methods).map((one) => `${one.toUpperCase()} ${path}`));

  // Before a body is looked at, which fastify would refuse for other reasons.
  app.addHook('onRequest', async ({ method, url }, reply) => {
    const [path] = url.split('?');
    const methods = allowed.get(path!);
    // fastify answers HEAD wherever there is a GET.
    if (!methods || methods.includes(method === 'HEAD' ? 'GET' : method)) return;
    const message = `${path} takes ${methods.join(', ')}, not ${method}`;
    return reply
      .code(405)
      .header('allow', methods.join(', '))
      .send({ error: { code: 'METHOD_NOT_ALLOWED', message } });
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const message = `${method} ${url.split('?')[0]} is not served; ${served.join(', ')} and /v1/models/… are`;
    return reply.code(404).send({ error: { code: 'NOT_FOUND', message } });
  });
}
