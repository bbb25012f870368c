#include "card-object.h"

#include <utility>

#include "../core/device-error.h"
#include "arguments.h"

namespace edgeslot {
namespace {

constexpr std::uint64_t kMostSafe = (std::uint64_t{1} << 53) - 1;

/// Runs on the libuv pool, because the card's own thread is waited for.
class CloseWorker final : public Napi::AsyncWorker {
 public:
  CloseWorker(Napi::Env env, std::shared_ptr<OpenCard> card)
      : Napi::AsyncWorker(env, "edgeslot.close"), card_(std::move(card)), promise_(env) {}
  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  void Execute() override { card_->close(); }
  void OnOK() override { promise_.Resolve(Env().Undefined()); }

  const std::shared_ptr<OpenCard> card_;
  Napi::Promise::Deferred promise_;
};

void set(Napi::Object& target, const char* key, const std::optional<std::string>& value) {
  if (value) target.Set(key, *value);
}

}  // namespace

Napi::Function CardObject::define(Napi::Env env) {
  return DefineClass(env, "NativeCard",
                     {InstanceMethod<&CardObject::operate<make_run>>("run"),
                      InstanceMethod<&CardObject::operate<make_loopback>>("loopback"),
                      InstanceMethod<&CardObject::operate<make_status>>("status"),
                      InstanceMethod<&CardObject::operate<make_load>>("load"),
                      InstanceMethod<&CardObject::operate<make_unload>>("unload"),
                      InstanceMethod<&CardObject::operate<make_reset>>("reset"),
                      InstanceMethod<&CardObject::cancel>("cancel"), InstanceMethod<&CardObject::health>("health"),
                      InstanceMethod<&CardObject::counters>("counters"), InstanceMethod<&CardObject::close>("close"),
                      InstanceMethod<&CardObject::token>("token"), InstanceMethod<&CardObject::description>("info")});
}

CardObject::CardObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<CardObject>(info),
      environment_(Environment::of(info.Env())),
      card_(*info[0].As<Napi::External<std::shared_ptr<OpenCard>>>().Data()),
      is_owner_(info[1].As<Napi::Boolean>()) {
  environment_->cards().insert(this);
}

CardObject::~CardObject() {
  environment_->cards().erase(this);
  let_go();
}

void CardObject::let_go() {
  closed_ = true;
  if (is_owner_) card_->close();
}

void CardObject::expect_open(Napi::Env env) const {
  if (!closed_) return;
  const std::string text = card_->thread().description().path + " is closed";
  const auto error = std::make_exception_ptr(catapult::DeviceError(catapult::Status::cancelled, text));
  throw Napi::Error(env, Environment::error_value(env, error));
}

template <MakeOperation make>
Napi::Value CardObject::operate(const Napi::CallbackInfo& info) {
  expect_open(info.Env());
  const std::uint64_t id = number_argument(info[0], "operation", kMostSafe);
  return environment_->begin(info.Env(), id, make(info, card_));
}

void CardObject::cancel(const Napi::CallbackInfo& info) {
  environment_->cancel(info.Env(), number_argument(info[0], "operation", kMostSafe));
}

Napi::Value CardObject::health(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  expect_open(env);
  catapult::ShellHealth health;
  try {
    health = card_->thread().health();
  } catch (...) {
    throw Napi::Error(env, Environment::error_value(env, std::current_exception()));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("severity", catapult::severity_name(health.severity));
  if (health.temperature) object.Set("temperature", *health.temperature);
  object.Set("memoryErrors", health.memory_errors);
  object.Set("text", health.text);
  return object;
}

Napi::Value CardObject::counters(const Napi::CallbackInfo& info) {
  const catapult::ThreadCounters counters = card_->thread().counters();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("runs", static_cast<double>(counters.runs));
  object.Set("failures", static_cast<double>(counters.failures));
  object.Set("resets", static_cast<double>(counters.resets));
  object.Set("staleAnswers", static_cast<double>(counters.stale_answers));
  object.Set("spuriousEvents", static_cast<double>(counters.spurious_events));
  object.Set("waiting", counters.waiting);
  object.Set("inUse", counters.in_use);
  return object;
}

Napi::Value CardObject::close(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  closed_ = true;
  if (is_owner_) {
    auto* worker = new CloseWorker(env, card_);
    const Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  }
  environment_->cancel_all(env, *card_);
  const auto done = Napi::Promise::Deferred::New(env);
  done.Resolve(env.Undefined());
  return done.Promise();
}

Napi::Value CardObject::token(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), card_->token()); }

Napi::Value CardObject::description(const Napi::CallbackInfo& info) {
  const catapult::Description& card = card_->thread().description();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("path", card.path);
  object.Set("kind", card.is_hardware ? "catapult" : "virtual-card");
  set(object, "driver", card.driver);
  object.Set("slots", card.slots);
  object.Set("bytesPerSlot", card.bytes_per_slot);
  set(object, "functionType", card.identity.function_type);
  set(object, "shellVersion", card.identity.shell_version);
  set(object, "shellId", card.identity.shell_id);
  set(object, "roleId", card.identity.role_id);
  set(object, "boardId", card.identity.board_id);
  set(object, "chipId", card.identity.chip_id);
  if (card.library) {
    Napi::Object library = Napi::Object::New(info.Env());
    library.Set("path", card.library->path);
    library.Set("sha256", card.library->sha256);
    library.Set("name", card.library->name);
    library.Set("version", card.library->version);
    object.Set("library", library);
  }
  return object;
}

}  // namespace edgeslot
