// A card as an object of JavaScript: of the environment that opened it, or of one that attached to it.
#pragma once

#include <napi.h>

#include <memory>

#include "environment.h"

namespace edgeslot {

class CardObject final : public Napi::ObjectWrap<CardObject> {
 public:
  static Napi::Function define(Napi::Env env);

  /// (External of a shared_ptr<OpenCard>, whether it is the opener's); only from Environment::new_card.
  explicit CardObject(const Napi::CallbackInfo& info);
  /// Whoever forgets to close has the card closed when the object is collected, or its thread ends.
  ~CardObject() override;

  /// Of the opener: closes the card and waits for it.
  void let_go();

 private:

  /// The first argument names the operation; the others are its own.
  template <MakeOperation make>
  Napi::Value operate(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value health(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value description(const Napi::CallbackInfo& info);
  Napi::Value token(const Napi::CallbackInfo& info);

  void expect_open(Napi::Env env) const;

  const std::shared_ptr<Environment> environment_;
  const std::shared_ptr<OpenCard> card_;
  const bool is_owner_;
  bool closed_ = false;
};

}  // namespace edgeslot
