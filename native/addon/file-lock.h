// `tryLock`, `unlock` and `waitForLock` for JavaScript.
#pragma once

#include <napi.h>

namespace edgeslot {

/// tryLock(fd) -> boolean: flock(2), exclusive; an Error with `code` when the file system refuses.
Napi::Value TryLock(const Napi::CallbackInfo& info);

/// unlock(fd)
void Unlock(const Napi::CallbackInfo& info);

/// waitForLock(fd, done) -> cancel. done(error | null, locked) is called once; after cancel() locked tells whether the
/// lock was got before. The descriptor must stay open until then.
Napi::Value WaitForLock(const Napi::CallbackInfo& info);

}  // namespace edgeslot
