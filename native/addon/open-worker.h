// `openCard(options)`, `attachCard(token)` and `useErrorClass(constructor)` for JavaScript.
#pragma once

#include <napi.h>

namespace edgeslot {

/// {path, sysfs, epoch, slots, driverLibrary, driverOwner}, an empty driverLibrary for none -> Promise of a card.
Napi::Value open_card(const Napi::CallbackInfo& info);
/// The token of a card that this process has opened -> a card of this thread.
Napi::Value attach_card(const Napi::CallbackInfo& info);
/// (status, text) => Error: what device errors of this environment are made by.
Napi::Value use_error_class(const Napi::CallbackInfo& info);

}  // namespace edgeslot
