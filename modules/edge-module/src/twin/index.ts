/** What is known of twins without the device SDK, which takes a moment to load. */
export { isJsonObject, type JsonObject } from './merge-patch.js';
export { findReportedFault, REPORTED_LIMITS } from './reported-limits.js';
