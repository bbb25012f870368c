// What the addon exports, per environment (worker threads load it again): nothing but functions.
#include <napi.h>

#ifdef __linux__
#include "environment.h"
#include "open-worker.h"
#endif
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
#ifdef __linux__  // where the driver is
  edgeslot::Environment::set_up(env);
  exports.Set("openCard", Napi::Function::New(env, edgeslot::open_card, "openCard"));
  exports.Set("attachCard", Napi::Function::New(env, edgeslot::attach_card, "attachCard"));
  exports.Set("useErrorClass", Napi::Function::New(env, edgeslot::use_error_class, "useErrorClass"));
#endif
  return exports;
}

}  // namespace

NODE_API_MODULE(edgeslot, Init)
