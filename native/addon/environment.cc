#include "environment.h"

#include <utility>

#include "../core/device-error.h"
#include "card-object.h"

namespace edgeslot {
namespace {

/// References of the environment, which only its own thread may touch and which end with it.
struct InstanceData {
  std::shared_ptr<Environment> environment;
  Napi::FunctionReference error_class;
  Napi::FunctionReference card_class;
};

InstanceData& instance_data(Napi::Env env) { return *env.GetInstanceData<InstanceData>(); }

}  // namespace

Environment::Environment(Napi::Env env) : signal_(Signal::New(env, "edgeslot.card", 0, 1, this)) {
  signal_.Unref(env);
}

void Environment::set_up(Napi::Env env) {
  auto data = std::make_unique<InstanceData>();
  data->environment = std::make_shared<Environment>(env);
  data->card_class = Napi::Persistent(CardObject::define(env));
  // Runs before the runtime takes the environment apart, because it is added last.
  env.AddCleanupHook([](Environment* environment) { environment->end(); }, data->environment.get());
  env.SetInstanceData(data.release());
}

std::shared_ptr<Environment> Environment::of(Napi::Env env) { return instance_data(env).environment; }

void Environment::set_error_class(Napi::Env env, const Napi::Function& constructor) {
  instance_data(env).error_class = Napi::Persistent(constructor);
}

Napi::Value Environment::error_value(Napi::Env env, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Napi::Error& thrown) {
    return thrown.Value();
  } catch (const catapult::DeviceError& failed) {
    const auto status = Napi::String::New(env, catapult::status_name(failed.status()));
    const auto text = Napi::String::New(env, failed.what());
    const Napi::FunctionReference& error_class = instance_data(env).error_class;
    return error_class.IsEmpty() ? Napi::Error::New(env, text).Value() : error_class.New({status, text});
  } catch (const std::exception& other) {
    return Napi::Error::New(env, other.what()).Value();
  }
}

Napi::Object Environment::new_card(Napi::Env env, std::shared_ptr<OpenCard> card, bool is_owner) {
  const auto external = Napi::External<std::shared_ptr<OpenCard>>::New(env, &card);
  return instance_data(env).card_class.New({external, Napi::Boolean::New(env, is_owner)});
}

void Environment::post(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  inbox_.push_back(std::move(delivery));
  if (inbox_.size() == 1) signal_.NonBlockingCall();
}

void Environment::deliver(Napi::Env env, Napi::Function, Environment* self, std::nullptr_t*) {
  if (env != nullptr) self->drain(env);
}

void Environment::drain(Napi::Env env) {
  std::vector<Delivery> news;
  {
    const std::lock_guard lock(mutex_);
    news.swap(inbox_);
  }
  for (Delivery& delivery : news) {
    try {
      const Napi::HandleScope scope(env);
      handle(env, std::move(delivery));
    } catch (const Napi::Error&) {
      // A thread that is being stopped runs no JavaScript any more: there is nobody to tell.
    }
  }
}

void Environment::handle(Napi::Env env, Delivery delivery) {
  const auto it = operations_.find(delivery.operation);
  if (it == operations_.end()) return;  // given up
  if (delivery.outcome.error) return reject(env, delivery.operation, delivery.outcome.error);
  if (!delivery.done) return advance(env, delivery.operation, *it->second, std::move(delivery.slot));
  const auto operation = remove(env, delivery.operation);
  try {
    const Napi::Value value = operation->result(env, delivery.slot, delivery.outcome);
    delivery.slot = {};  // free before JavaScript goes on
    operation->promise().Resolve(value);
  } catch (...) {
    operation->promise().Reject(error_value(env, std::current_exception()));
  }
}

Napi::Value Environment::begin(Napi::Env env, std::uint64_t id, std::unique_ptr<Operation> operation) {
  if (operations_.empty()) signal_.Ref(env);
  const Napi::Promise promise = operation->promise().Promise();
  Operation& added = *(operations_[id] = std::move(operation));
  try {
    if (!added.needs_slot()) {
      advance(env, id, added, {});
    } else if (auto slot = added.card().thread().take_slot(
                   [self = shared_from_this(), card = added.shared_card(), id](catapult::SlotLease granted,
                                                                               std::exception_ptr error) {
                     self->post({card, id, false, std::move(granted), {std::move(error), {}, {}}});
                   })) {
      advance(env, id, added, std::move(slot));
    }
  } catch (...) {
    reject(env, id, std::current_exception());
  }
  return promise;
}

void Environment::advance(Napi::Env env, std::uint64_t id, Operation& operation, catapult::SlotLease slot) {
  try {
    operation.start(env, std::move(slot),
                    [self = shared_from_this(), card = operation.shared_card(), id](catapult::SlotLease back,
                                                                                    catapult::Outcome outcome) {
                      self->post({card, id, true, std::move(back), std::move(outcome)});
                    });
  } catch (...) {
    reject(env, id, std::current_exception());
  }
}

void Environment::cancel(Napi::Env env, std::uint64_t id) {
  const auto it = operations_.find(id);
  if (it == operations_.end() || !it->second->cancel()) return;
  const std::string& path = it->second->card().thread().description().path;
  reject(env, id, std::make_exception_ptr(catapult::DeviceError(catapult::Status::cancelled, path + ": given up")));
}

void Environment::cancel_all(Napi::Env env, const OpenCard& card) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, operation] : operations_) {
    if (&operation->card() == &card) ids.push_back(id);
  }
  for (const std::uint64_t id : ids) cancel(env, id);
}

void Environment::reject(Napi::Env env, std::uint64_t id, const std::exception_ptr& error) {
  remove(env, id)->promise().Reject(error_value(env, error));
}

std::unique_ptr<Operation> Environment::remove(Napi::Env env, std::uint64_t id) {
  auto node = operations_.extract(id);
  if (operations_.empty()) signal_.Unref(env);
  return std::move(node.mapped());
}

void Environment::end() {
  std::vector<Delivery> dropped;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    dropped.swap(inbox_);
    signal_.Abort();
  }
  dropped.clear();
  operations_.clear();
  for (CardObject* card : std::exchange(cards_, {})) card->let_go();
}

}  // namespace edgeslot
