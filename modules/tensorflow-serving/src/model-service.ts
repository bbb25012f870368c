import {
  decodeGetModelStatusRequest,
  decodeGetModelStatusResponse,
  encodeGetModelStatusRequest,
  encodeGetModelStatusResponse,
} from './get-model-status.js';
import {
  decodeReloadConfigRequest,
  decodeReloadConfigResponse,
  encodeReloadConfigRequest,
  encodeReloadConfigResponse,
} from './reload-config.js';
import { serverMethod } from './server-method.js';

const service = 'tensorflow.serving.ModelService';

/** `tensorflow.serving.ModelService/GetModelStatus` for a server, in the shape that grpc-js takes. */
export const getModelStatusServerMethod = serverMethod({
  service,
  name: 'GetModelStatus',
  request: { encode: encodeGetModelStatusRequest, decode: decodeGetModelStatusRequest },
  response: { encode: encodeGetModelStatusResponse, decode: decodeGetModelStatusResponse },
});

/** `tensorflow.serving.ModelService/HandleReloadConfigRequest`, likewise. */
export const reloadConfigServerMethod = serverMethod({
  service,
  name: 'HandleReloadConfigRequest',
  request: { encode: encodeReloadConfigRequest, decode: decodeReloadConfigRequest },
  response: { encode: encodeReloadConfigResponse, decode: decodeReloadConfigResponse },
});
