import { type FastifyInstance, fastify } from 'fastify';
import type { CameraFrame } from '../camera-frame.js';
import type { DoorContext } from '../door-context.js';
import { portTaken } from '../port-taken.js';
import { describeRoutes } from './describe-routes.js';
import { errorHandler } from './errors.js';
import { healthRoutes } from './health-routes.js';
import { restRoutes } from './rest/rest-routes.js';
import { scoreRoute } from './score-route.js';

const REQUEST_ID = 'x-ms-client-request-id';
/** A request that trickles in holds a connection no longer than this, and what Node's checks come late. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Node looks for late requests this often; its own default is 30 s, and it is heard only when the server is made. */
const CHECK_INTERVAL_MS = 1000;
const KEEP_ALIVE_MS = 72_000;
/** Each may hold a body in memory; a camera needs one. */
const MAX_CONNECTIONS = 512;

/** The HTTP door: frames of cameras, TensorFlow Serving's REST API, and health. */
export class HttpDoor {
  readonly #app: FastifyInstance;

  /** @param requestTimeoutMs a request that has not wholly come by then is answered 408 and its connection closed */
  constructor(
    context: DoorContext,
    onFrame: (frame: CameraFrame) => void,
    requestTimeoutMs: number = REQUEST_TIMEOUT_MS,
  ) {
    const app = fastify({
      bodyLimit: context.maxMessageBytes,
      requestTimeout: requestTimeoutMs,
      http: {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, requestTimeoutMs),
      },
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: 'idle',
    });
    this.#app = app;
    app.server.maxConnections = MAX_CONNECTIONS;
    // The route itself names a content type it does not take; the parser only gathers the bytes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addHook('onRequest', async (request, reply) => {
      const id = request.headers[REQUEST_ID];
      if (typeof id === 'string') reply.header(REQUEST_ID, id);
    });
    app.setErrorHandler(errorHandler(context));
    scoreRoute(app, context, onFrame);
    healthRoutes(app, context);
    restRoutes(app, context);
    describeRoutes(app);
  }

  /** Binds and answers; returns the port. Rejects with PORT_TAKEN. */
  async listen(host: string, port: number): Promise<number> {
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      throw portTaken('HTTP port', `${host}:${port}`, error as Error);
    }
    const address = this.#app.server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  /** Takes no new calls, lets the ones in flight end within `graceMs`, then cuts them. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#app.server.closeAllConnections(), graceMs);
    await this.#app.close();
    clearTimeout(timer);
  }
}
