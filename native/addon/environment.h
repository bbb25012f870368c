// What the addon keeps for one JavaScript environment: the main thread has one, each worker thread another.
#pragma once

#include <napi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "operation.h"

namespace edgeslot {

class CardObject;

/// News of an operation: it got a slot, or it is done. The slot ends before the card that it belongs to.
struct Delivery {
  std::shared_ptr<OpenCard> card;
  std::uint64_t operation;
  bool done;
  catapult::SlotLease slot;
  catapult::Outcome outcome;
};

/// Takes deliveries from any thread and hands them to the operations of its own. While operations are under way the
/// event loop is kept alive, and not for longer.
class Environment : public std::enable_shared_from_this<Environment> {
 public:
  explicit Environment(Napi::Env env);

  /// Once for each environment, when the addon is loaded.
  static void set_up(Napi::Env env);

  static std::shared_ptr<Environment> of(Napi::Env env);

  /// The class that device errors are made of.
  static void set_error_class(Napi::Env env, const Napi::Function& constructor);
  /// `error` as an object of that class.
  static Napi::Value error_value(Napi::Env env, const std::exception_ptr& error);

  static Napi::Object new_card(Napi::Env env, std::shared_ptr<OpenCard> card, bool is_owner);

  /// From any thread; what comes after the environment's end is dropped, and its slot is free.
  void post(Delivery delivery);

  /// Begins: with a slot at once, or when one is free. Gives the operation's promise, which may be rejected already.
  Napi::Value begin(Napi::Env env, std::uint64_t id, std::unique_ptr<Operation> operation);
  /// Gives an operation up; nothing happens to one that is over.
  void cancel(Napi::Env env, std::uint64_t id);
  /// Gives up all operations of a card.
  void cancel_all(Napi::Env env, const OpenCard& card);

  std::set<CardObject*>& cards() { return cards_; }

 private:
  static void deliver(Napi::Env env, Napi::Function, Environment* self, std::nullptr_t*);
  using Signal = Napi::TypedThreadSafeFunction<Environment, std::nullptr_t, deliver>;

  void drain(Napi::Env env);
  void handle(Napi::Env env, Delivery delivery);
  void advance(Napi::Env env, std::uint64_t id, Operation& operation, catapult::SlotLease slot);
  void reject(Napi::Env env, std::uint64_t id, const std::exception_ptr& error);
  std::unique_ptr<Operation> remove(Napi::Env env, std::uint64_t id);
  void end();

  std::map<std::uint64_t, std::unique_ptr<Operation>> operations_;  // as the next, only of this environment's thread
  std::set<CardObject*> cards_;
  std::mutex mutex_;  // over the rest
  std::vector<Delivery> inbox_;
  bool ended_ = false;
  Signal signal_;
};

}  // namespace edgeslot
