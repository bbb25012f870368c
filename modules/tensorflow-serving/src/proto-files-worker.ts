import { parentPort } from 'node:worker_threads';
import { describeProtoFiles } from './proto-files.js';

parentPort!.postMessage(describeProtoFiles());
