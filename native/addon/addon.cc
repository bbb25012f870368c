// What the addon exports, per environment (worker threads load it again): nothing but functions.
#include <napi.h>

#include "file-lock.h"
#include "probe-worker.h"
#include "sample.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("probe", Napi::Function::New(env, edgeslot::Probe, "probe"));
  exports.Set("tryLock", Napi::Function::New(env, edgeslot::TryLock, "tryLock"));
  exports.Set("unlock", Napi::Function::New(env, edgeslot::Unlock, "unlock"));
  exports.Set("waitForLock", Napi::Function::New(env, edgeslot::WaitForLock, "waitForLock"));
  exports.Set("sample", Napi::Function::New(env, edgeslot::Sample, "sample"));
  return exports;
}

}  // namespace

NODE_API_MODULE(edgeslot, Init)
